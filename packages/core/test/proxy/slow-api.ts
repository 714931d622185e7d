import { onTestFinished, vi } from 'vitest'
import { startApi } from './support.ts'

/**
 * What `ask` makes, one by one, of real servers that answer when these times have passed since they were asked. It is
 * the runtime's timers that move, so nothing waits.
 */
export async function answeringAfter<Seen>(
  times: readonly number[],
  ask: (origin: string) => Promise<Seen>,
): Promise<Seen[]> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const seen: Seen[] = []
  for (const ms of times) {
    const { origin } = await startApi((_req, res) => {
      vi.advanceTimersByTime(ms)
      res.end('answered')
    })
    seen.push(await ask(origin))
  }
  return seen
}
