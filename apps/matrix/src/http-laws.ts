import { fetchUpstream } from '@bff/core/proxy'
import { describeHttpAdapter, describeWebSocketRelay } from '@bff/http-testkit'

/** What became of one law: `null` when it holds, otherwise what it said. */
export interface Outcome {
  readonly law: string
  readonly fault: string | null
}

interface Registered {
  readonly law: string
  readonly run: () => Promise<void>
}

/** Runs the laws of an HTTP adapter against an app in another process, one after the other. */
export async function httpOutcomes(
  control: string,
  webSockets: boolean,
  patienceMs: number,
): Promise<Outcome[]> {
  const laws: Registered[] = []
  const test = (name: string, run: () => Promise<void>) =>
    laws.push({ law: name.split(' ', 1)[0] ?? '', run })
  const options = { name: '', test, serve: new URL(control), patienceMs }
  describeHttpAdapter(options)
  if (webSockets) describeWebSocketRelay({ ...options, upstream: fetchUpstream })
  const outcomes: Outcome[] = []
  for (const { law, run } of laws) outcomes.push({ law, fault: await faultOf(run) })
  return outcomes
}

async function faultOf(run: () => Promise<void>): Promise<string | null> {
  try {
    await run()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
