/** What has escapes, capitals, another kind of slash, two of them or dots, or is no plain path. */
const SEVERAL_READINGS = /[A-Z%\\#]|\/[/.]|^[^/]|[^!-~]/

/** Whether other readers of a path could see another one in it. */
export const hasReadings = (path: string): boolean => SEVERAL_READINGS.test(path)

/**
 * Returns the path that the most lenient reader sees: decoded as often as possible, in lower case, with each run of slashes
 * and backslashes as one slash. `null` when it has a segment of dots, which no browser sends.
 */
export function lenient(path: string): string | null {
  let read = path
  for (let before = ''; before !== read; ) {
    before = read
    read = read.replace(/%([0-7][\da-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
  read = read.replace(/[/\\]+/g, '/').toLowerCase()
  return /\/\.\.?(?:\/|$)/.test(read) ? null : read
}
