import { setTimeout as delay } from 'node:timers/promises'
import type { Call, DurableCall, Link } from './link.ts'

/** How long to wait before asking again about a slot that is being moved, in milliseconds. */
const PAUSE_MS = 50

/**
 * Runs the script and waits for the replicas of the server that ran it. WAIT knows no key, so no library can redirect the two
 * together: that is done here. A redirected script has not run, so it is sent again.
 */
export async function runDurably(link: Link, call: DurableCall, timeoutMs: number): Promise<unknown> {
  const deadline = performance.now() + timeoutMs
  let address: string | undefined
  for (;;) {
    try {
      return await runAndWait(link, call, address)
    } catch (error) {
      if (!link.isCluster || performance.now() > deadline) throw error
      const [kind, , place] = error instanceof Error ? error.message.split(' ') : []
      address = kind === 'ASK' ? place : undefined
      if (kind === 'TRYAGAIN') await delay(PAUSE_MS)
      else if (kind === 'MOVED' || kind === 'ASK') await follow(link, call)
      else throw error
    }
  }
}

/** Sends a single command, which is redirected: the library then knows the node and loads the slots again. */
async function follow(link: Link, { keys: [key = ''] }: DurableCall): Promise<void> {
  await link.exists(key)
}

async function runAndWait(link: Link, call: DurableCall, address: string | undefined): Promise<unknown> {
  const send = async (by: Call): Promise<unknown> => {
    const [outcome, replicas] = await link.runAndWait(by, call, address)
    if (replicas < call.replicas) throw new Error('TOO_FEW_REPLICAS')
    return outcome
  }
  try {
    return await send('evalsha')
  } catch (error) {
    if (!isNoScript(error)) throw error
    return send('eval')
  }
}

export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
