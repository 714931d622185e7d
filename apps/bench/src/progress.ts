/** Says what is measured, on one line of a terminal; `''` removes it. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
}
