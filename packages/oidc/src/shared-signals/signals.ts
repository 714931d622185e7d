import type { SubjectIdentifier } from './subject.ts'

/**
 * What a signal does to the sessions of its subject. `revoke`: revokes those that began before it. `refresh`: has their tokens and
 * claims refreshed. `none`: nothing but an event.
 */
export type SignalEffect = 'revoke' | 'refresh' | 'none'

/** A security event about a subject, from a transmitter that was verified. */
export interface Signal {
  /** The name of a known type, such as `session-revoked`; the whole URI of any other. */
  readonly type: string
  /** Who or what it is about; `null` when the transmitter did not say. */
  readonly subject: SubjectIdentifier | null
  /** The members of the event, as the transmitter sent them. */
  readonly event: Readonly<Record<string, unknown>>
  /** The default effect. */
  readonly effect: SignalEffect
  /** The issuer of the transmitter. */
  readonly issuer: string
  /** When it was issued, epoch milliseconds. */
  readonly issuedAt: number
}

type Payload = Readonly<Record<string, unknown>>
type DefaultEffect = SignalEffect | ((event: Payload) => SignalEffect)

const SCHEMAS = 'https://schemas.openid.net/secevent/'
export const VERIFICATION = `${SCHEMAS}ssf/event-type/verification`
export const STREAM_UPDATED = `${SCHEMAS}ssf/event-type/stream-updated`

/** End when a member has one of these values: a value that is missing or unknown is taken for one of them. */
const unless =
  (member: string, harmless: readonly unknown[]) =>
  (event: Payload): SignalEffect =>
    harmless.includes(event[member]) ? 'none' : 'revoke'

/** OpenID CAEP 1.0 §3. */
const CAEP = {
  'session-revoked': 'revoke',
  'token-claims-change': 'refresh',
  'credential-change': unless('change_type', ['create']),
  'assurance-level-change': unless('change_direction', ['increase']),
  'device-compliance-change': unless('current_status', ['compliant']),
  'risk-level-change': unless('current_level', ['LOW', 'MEDIUM']),
  'session-established': 'none',
  'session-presented': 'none',
} as const satisfies Readonly<Record<string, DefaultEffect>>

/** OpenID RISC 1.0 §2. */
const RISC = {
  'account-credential-change-required': 'revoke',
  'account-purged': 'revoke',
  'account-disabled': 'revoke',
  'account-enabled': 'none',
  'identifier-changed': 'refresh',
  'identifier-recycled': 'revoke',
  'credential-compromise': 'revoke',
  'opt-in': 'none',
  'opt-out-initiated': 'none',
  'opt-out-cancelled': 'none',
  'opt-out-effective': 'none',
  'recovery-activated': 'none',
  'recovery-information-changed': 'none',
  'sessions-revoked': 'revoke',
} as const satisfies Readonly<Record<string, DefaultEffect>>

/** The types of events that have a default effect: those of CAEP 1.0 and RISC 1.0. */
export type SignalType = keyof typeof CAEP | keyof typeof RISC

const uriOf = (type: string) => `${SCHEMAS}${Object.hasOwn(CAEP, type) ? 'caep' : 'risc'}/event-type/${type}`

const DEFAULTS: Readonly<Record<string, DefaultEffect>> = { ...CAEP, ...RISC }
export const SIGNAL_TYPES = Object.keys(DEFAULTS) as readonly SignalType[]
const BY_URI = new Map(SIGNAL_TYPES.map((type) => [uriOf(type), type]))

/** The URIs of these types, as a stream is asked for them. */
export const urisOf = (types: readonly SignalType[]) => types.map(uriOf)

/** Those that can do something to a session by default. */
export const EFFECTIVE_TYPES = SIGNAL_TYPES.filter((type) => DEFAULTS[type] !== 'none')

/** Returns the name and the default effect of an event; a type that is not known has none. */
export function describeSignal(uri: string, event: Payload): Pick<Signal, 'type' | 'effect'> {
  const type = BY_URI.get(uri)
  if (type === undefined) return { type: uri, effect: 'none' }
  const effect = DEFAULTS[type] ?? 'none'
  return { type, effect: typeof effect === 'function' ? effect(event) : effect }
}
