import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { inCheckout } from '../build.ts'

const FROM = inCheckout('apps/bench')

/** Returns the milliseconds that a fresh process needs to import a module, by its path or its name. */
export function importMs(specifier: string): number {
  const code = `const begun = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - begun); process.exit()`
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', code], { cwd: FROM }).toString(),
  )
}

/** Returns the milliseconds from the start of the process of an app to its first response. */
export async function firstAnswerMs(program: string): Promise<number> {
  const begun = performance.now()
  const child = fork(program, { cwd: FROM, env: { ...process.env, NODE_ENV: 'production' }, execArgv: [] })
  const gone = once(child, 'exit')
  try {
    const [origin] = await once(child, 'message')
    const response = await fetch(`${origin}/orders`, { headers: { 'x-csrf': '1' } })
    await response.text()
    return performance.now() - begun
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}
