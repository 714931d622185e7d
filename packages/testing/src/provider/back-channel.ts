import type Provider from 'oidc-provider'
import type { Client } from 'oidc-provider'
import type { MemoryDatabase } from './memory-database.ts'

/** Ends a user's sessions without a browser, as an administrator would. */
export async function endSessions(
  provider: Provider,
  database: MemoryDatabase,
  user: string,
): Promise<{ delivered: number; failed: number }> {
  const deliveries: Promise<boolean>[] = []
  for (const session of database.rowsOf('Session', user)) {
    for (const [clientId, { sid }] of Object.entries(session.authorizations ?? {})) {
      const client = await provider.Client.find(clientId)
      if (client?.backchannelLogoutUri !== undefined) deliveries.push(notify(client, user, sid))
    }
    if (session.jti !== undefined) database.destroy('Session', session.jti)
  }
  const answers = await Promise.all(deliveries)
  const delivered = answers.filter(Boolean).length
  return { delivered, failed: answers.length - delivered }
}

/** The library's own sender, which its published types leave out. */
async function notify(client: Client, user: string, sid: string | undefined): Promise<boolean> {
  const { backchannelLogout } = client
  if (typeof backchannelLogout !== 'function') {
    throw new TypeError('This version of oidc-provider has no Client#backchannelLogout.')
  }
  try {
    await backchannelLogout.call(client, user, sid)
    return true
  } catch {
    return false
  }
}
