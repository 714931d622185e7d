import { freePort } from '@bff/servers'

/** Three different ports nobody listens on. */
export async function freePorts(): Promise<{ idp: number; api: number; demo: number }> {
  const found = new Set<number>()
  while (found.size < 3) found.add(await freePort())
  const [idp = 0, api = 0, demo = 0] = found
  return { idp, api, demo }
}
