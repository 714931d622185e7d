import { finish, ready, registered } from './vitest.ts'

const LAW = /(?:^| › )((?:SS|TS|EB|key)-\d+) /

/** Runs the laws that a file registered for its own process, one after the other, each told by `say`. */
export async function runLaws(groups: readonly string[], say: (line: string) => void): Promise<void> {
  await ready()
  for (const { name, run } of registered) {
    const law = LAW.exec(name)?.[1]
    const group = name.slice(0, Math.max(0, name.lastIndexOf(' › ')))
    if (law === undefined || !groups.includes(group)) continue
    let fault: string | null = null
    try {
      await run()
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error)
    }
    say(`law ${JSON.stringify({ group, law, fault })}`)
  }
  await finish()
  say('end')
}
