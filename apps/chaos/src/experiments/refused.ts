import type { History } from '../history/history.ts'

/** How many requests could not be served during the last fault of this name. */
export function refusedIn({ sessions, failedSignIns, faults }: History, name: string): number {
  const fault = faults.findLast((each) => each.name === name)
  if (fault === undefined) return 0
  return [...sessions.flatMap(({ operations }) => operations), ...failedSignIns].filter(
    ({ outcome, end }) =>
      outcome === 'unavailable' && end >= fault.begin && end <= (fault.end ?? end) + 1_000,
  ).length
}
