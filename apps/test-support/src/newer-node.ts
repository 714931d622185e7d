import { programOf, provide, RUNTIMES } from '@bff/matrix/runtimes'

/** The program of a Node for frameworks that ask for a newer one than the repository runs on; npm fetches it once. */
export async function newerNode(): Promise<string> {
  const node = RUNTIMES.find(({ name }) => name === 'Node 24')
  if (node === undefined) throw new Error('apps/matrix/src/runtimes.ts has no Node 24.')
  await provide(node, console.log)
  return programOf(node)
}
