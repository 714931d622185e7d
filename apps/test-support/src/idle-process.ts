import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

/** A process that has opened a store, hears events and has read a session: it prints `null`, as there is none. */
export async function openIdleProcess(worker: URL, ...args: string[]) {
  const source = ['--import', 'tsx', '--conditions=@bff/source', fileURLToPath(worker), ...args]
  const child = spawn(process.execPath, source, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('null')
  return {
    /** Gives it nothing more to do; its exit code. */
    async end() {
      const ended = once(child, 'exit')
      child.stdin.end()
      return (await ended)[0]
    },
  }
}
