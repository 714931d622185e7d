const AT_ONCE = 25

/** Calls for each, some at once, and lets every call end before it rejects: one fault must not stop the others. */
export async function eachOf<From, To>(
  all: readonly From[],
  call: (one: From) => Promise<To>,
): Promise<To[]> {
  return (await settledEachOf(all, call)).map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

/** Calls for each, some at once. */
export async function settledEachOf<From, To>(
  all: readonly From[],
  call: (one: From) => Promise<To>,
): Promise<PromiseSettledResult<To>[]> {
  const outcomes: PromiseSettledResult<To>[] = []
  for (let from = 0; from < all.length; from += AT_ONCE)
    outcomes.push(...(await Promise.allSettled(all.slice(from, from + AT_ONCE).map(call))))
  return outcomes
}
