/** At most 1 KiB of text from outside, with control and direction characters made visible (LOG-03). */
export function forLog(text: string): string {
  return text
    .slice(0, 1024)
    .replace(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    )
}
