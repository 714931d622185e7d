import type { FaultyStores } from './harness.ts'
import { eventually } from './patience.ts'

/** A time without the server. */
export interface Outage {
  begin(): Promise<void>
  end(): Promise<void>
}

export function cutOff({ connection }: FaultyStores): Outage {
  return { begin: connection.cut, end: connection.restore }
}

export function losingAnswers({ connection }: FaultyStores): Outage {
  return { begin: connection.loseAnswers, end: connection.restore }
}

/** Over before anybody notices: a call that is sent again at once is done twice. */
export function blinking({ connection }: FaultyStores): Outage {
  return { begin: connection.blink, end: connection.restore }
}

export function paused({ connection }: FaultyStores): Outage {
  return { begin: connection.pause, end: connection.restore }
}

/** As a firewall that forgot the connections does, or a failover to another host: nobody closes anything. */
export function dropped({ connection }: FaultyStores): Outage {
  return { begin: connection.dropSilently, end: async () => {} }
}

export function killed({ server }: FaultyStores): Outage {
  return { begin: server.kill, end: server.start }
}

/** The store recovers by itself: nobody opens it again. */
export async function recovery({ stores }: FaultyStores): Promise<void> {
  await eventually('Recovery', () => stores.sessions.ping())
}
