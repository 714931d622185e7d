import { fetchUpstream } from '@bff/core/proxy'
import { describeHttpAdapter, describeWebSocketRelay } from '@bff/http-testkit'
import { type NamedLaw, type Outcome, outcomesOfLaws } from './outcome.ts'

/** Runs the laws of an HTTP adapter against an app in another process, one after the other. */
export async function httpOutcomes(
  control: string,
  webSockets: boolean,
  patienceMs: number,
): Promise<Outcome[]> {
  const laws: NamedLaw[] = []
  const test = (name: string, run: () => Promise<void>) => laws.push({ name, run })
  const options = { name: '', test, serve: new URL(control), patienceMs }
  describeHttpAdapter(options)
  if (webSockets) describeWebSocketRelay({ ...options, upstream: fetchUpstream })
  return outcomesOfLaws(laws)
}
