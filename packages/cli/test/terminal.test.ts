import { expect, it } from 'vitest'
import { createProgress } from '../src/progress.ts'
import { terminalOutput } from '../src/terminal.ts'

/** A stream of a process; `fail` is what the system says of the last write. */
function stream(tty: { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = []
  let fail: (error: Error & { code: string }) => void = () => {}
  return {
    ...tty,
    written,
    write: (text: string) => void written.push(text),
    on(_event: 'error', listener: typeof fail) {
      fail = listener
    },
    fail: (code: string) => fail(Object.assign(new Error(code), { code })),
  }
}

it('A reader that has enough, as `head` has, is no failure', () => {
  const [stdout, stderr] = [stream(), stream()]
  const { failed } = terminalOutput({ stdout, stderr, env: {} })
  stdout.fail('EPIPE')
  expect([failed(), stderr.written]).toEqual([false, []])
})

it('Output that was lost, as on a full disk, is said once and is a failure', () => {
  const [stdout, stderr] = [stream(), stream()]
  const { failed } = terminalOutput({ stdout, stderr, env: {} })
  stdout.fail('ENOSPC')
  stdout.fail('ENOSPC')
  expect(failed()).toBe(true)
  expect(stderr.written).toEqual(['The output could not be written: ENOSPC\n'])
})

it.each([
  [120, '\r\u001b[K████████████░░░░░░░░░░░░  50 %  50,000 of 100,000 sessions  25,000/s'],
  [60, '\r\u001b[K 50 %  50,000 of 100,000 sessions  25,000/s'],
  [40, '\r\u001b[K 50 %  50,000 of 100,000 sessions'],
  [20, '\r\u001b[K 50 %'],
])(
  'The progress fits a terminal of %i columns, because a line that wraps cannot be replaced',
  (columns, line) => {
    const stderr = stream({ isTTY: true, columns })
    const { output } = terminalOutput({ stdout: stream(), stderr, env: {} })
    createProgress(100_000, () => 2000, output).show(50_000)
    expect(stderr.written).toEqual([line])
  },
)

it('A terminal without control sequences gets lines, as a log does', () => {
  const stderr = stream({ isTTY: true, columns: 80 })
  const { output } = terminalOutput({ stdout: stream(), stderr, env: { TERM: 'dumb' } })
  createProgress(100, () => 1000, output).show(50)
  expect(stderr.written).toEqual([' 50 %  50 of 100 sessions  50/s\n'])
})
