/** What became of one law: `null` when it holds, otherwise what it said. */
export interface Outcome {
  readonly law: string
  readonly fault: string | null
}

/** A law that this process runs. Its name begins with its number. */
export interface NamedLaw {
  readonly name: string
  readonly run: () => Promise<void>
}

/** Runs laws one after the other. */
export async function outcomesOfLaws(laws: readonly NamedLaw[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, run } of laws)
    outcomes.push({ law: name.split(' ', 1)[0] ?? '', fault: await faultOf(run) })
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
