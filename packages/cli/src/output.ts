/** Where a command writes. */
export interface Output {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Shows a line in place of the last one, as only a terminal can. @default progress is written with `err`, in a few lines */
  readonly status?: (line: string) => void
  /** How many characters a line of the terminal has. @default 80 */
  readonly columns?: () => number
}

/** Text from outside, such as the name of a browser, without what a terminal obeys: control characters, and those of direction. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, ' ')

/** JSON for a program or a terminal. JSON itself escapes only the first half of the control characters. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(
    /[\x7f-\x9f\p{Bidi_Control}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** 0: all is well; 1: a check failed, or the store did not answer; 2: wrong arguments. */
export type ExitCode = 0 | 1 | 2

/** A command line that cannot be obeyed; the message says what it accepts. */
export class WrongArguments extends Error {}

/** A command that could not do its work; the message has the remedy. */
export class CommandFailed extends Error {}
