import { freePort } from '@bff/servers'
import type { Ports } from '../../src/index.ts'

/** Three different ports nobody listens on. */
export async function freePorts(): Promise<Ports> {
  const found = new Set<number>()
  while (found.size < 3) found.add(await freePort())
  const [idp = 0, api = 0, demo = 0] = found
  return { idp, api, demo }
}
