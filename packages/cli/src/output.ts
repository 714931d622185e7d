/** Where a command writes. */
export interface Output {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Shows a line in place of the last one, as only a terminal can. @default progress is written with `err`, in a few lines */
  readonly status?: (line: string) => void
  /** How many characters a line of the terminal has. @default 80 */
  readonly columns?: () => number
}

/** Text from outside, such as the name of a browser, without the control characters that a terminal obeys. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

/** 0: all is well; 1: a check failed, or the store did not answer; 2: wrong arguments. */
export type ExitCode = 0 | 1 | 2

/** A command line that cannot be obeyed; the message says what it accepts. */
export class WrongArguments extends Error {}

/** A command that could not do its work; the message has the remedy. */
export class CommandFailed extends Error {}
