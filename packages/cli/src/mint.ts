import { type Claims, createBff } from '@bff/core'
import { readFlags, required, storeAddress } from './flags.ts'
import { keysOfEnvironment } from './keys.ts'
import { openStore } from './open-store.ts'
import { type ExitCode, jsonText, type Output, WrongArguments } from './output.ts'

/** Stores a session for a user of the developer's choice, and prints its cookie. It refuses every origin but `localhost`. */
export async function mint(args: readonly string[], { out }: Output): Promise<ExitCode> {
  const { flags, words } = readFlags(args, {
    origin: 'string',
    store: 'string',
    user: 'string',
    issuer: 'string',
    claims: 'string',
    json: 'boolean',
  })
  if (words.length > 0) throw new WrongArguments(`${words.join(' ')} is too much.`)
  const origin = localOrigin(flags.origin ?? 'http://localhost:3000')
  const user = required(flags.user, '--user')
  const encryptionKeys = keysOfEnvironment()
  const claims = claimsOf(flags.claims)
  const bff = createBff({
    origin,
    store: await openStore(storeAddress(flags.store)),
    encryptionKeys,
    onEvent: () => {},
  })
  try {
    const { session, cookie } = await bff.sessions.create({
      userId: user,
      issuer: flags.issuer ?? null,
      ...(claims && { claims }),
    })
    const value = cookie.slice(0, cookie.indexOf(';'))
    const expires = new Date(session.absoluteExpiresAt).toISOString()
    out(flags.json ? jsonText({ cookie: value, setCookie: cookie, handle: session.handle, expires }) : value)
    return 0
  } finally {
    await bff.close()
  }
}

function localOrigin(text: string): string {
  const { hostname, origin } = URL.canParse(text) ? new URL(text) : { hostname: '', origin: '' }
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return origin
  throw new WrongArguments(
    'mint makes sessions for http://localhost and https://localhost only: nobody signs in without the provider elsewhere.',
  )
}

function claimsOf(text: string | undefined): Claims | undefined {
  if (text === undefined) return undefined
  try {
    const claims: unknown = JSON.parse(text)
    if (claims instanceof Object && !Array.isArray(claims)) return claims as Claims
  } catch {}
  throw new WrongArguments(`--claims must be a JSON object, such as '{"name":"Alice"}'.`)
}
