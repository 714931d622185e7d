import type { Output } from './output.ts'

const WIDTH = 24

/** Shows how far a long command is: a bar that moves on a terminal, and a line for each tenth in a log. */
export interface Progress {
  show(done: number): void
  /** Takes the bar off the terminal. */
  clear(): void
}

/**
 * @param total may turn out to be too small or too large: sessions begin and end meanwhile
 * @param elapsedMs since the start
 */
export function createProgress(total: number, elapsedMs: () => number, output: Output): Progress {
  const { err, status, columns = () => 80 } = output
  let tenths = 0
  return {
    show(done) {
      const share = Math.min(1, done / Math.max(total, 1))
      const counted = `${percent(share)}  ${count(done)} of ${count(total)} sessions`
      const line = `${counted}  ${rate(done, elapsedMs())}`
      if (status !== undefined) {
        const filled = Math.round(share * WIDTH)
        const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
        // A line that wraps cannot be taken back.
        status([`${bar} ${line}`, line, counted].find(({ length }) => length < columns()) ?? percent(share))
      } else if (Math.floor(share * 10) > tenths) {
        tenths = Math.floor(share * 10)
        err(line)
      }
    },
    clear: () => status?.(''),
  }
}

const percent = (share: number) => `${Math.floor(share * 100)} %`.padStart(5)

export const count = (value: number): string => value.toLocaleString('en')

/** Sessions a second. */
export const rate = (done: number, elapsedMs: number): string =>
  `${count(Math.round((done * 1000) / Math.max(elapsedMs, 1)))}/s`
