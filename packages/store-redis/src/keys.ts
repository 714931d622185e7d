import type { SessionFilter, SessionHandle, SessionRecord } from '@bff/core'

/** The owners a session is indexed by. */
export type Owners = Pick<
  SessionRecord,
  'userId' | 'organizationId' | 'issuer' | 'subject' | 'providerSessionId'
>

/** The keys of one session and its bucket, all in one Cluster slot. */
export type SessionKeys = readonly [session: string, living: string, revoked: string]

/** Sessions are spread over this many slots; each has its own lists of sessions that are due for cleanup. */
export const BUCKETS = 256

/** Makes every key. Values from outside are base64url-encoded, so that no id reaches another key. */
export class Keys {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  record(handle: SessionHandle): string {
    return this.#record(handle, bucketOf(handle))
  }

  /** Returns the key of a session, and those of its bucket's lists. */
  session(handle: SessionHandle): SessionKeys {
    const bucket = bucketOf(handle)
    const [living, revoked] = this.due(bucket)
    return [this.#record(handle, bucket), living, revoked]
  }

  /** Returns the keys of a bucket's handles by expiry, and by time of revocation. */
  due(bucket: number): readonly [living: string, revoked: string] {
    return [`${this.#prefix}l:{${bucket}}`, `${this.#prefix}r:{${bucket}}`]
  }

  /** Returns the keys of the indexes that hold a session of these owners. */
  indexes({ userId, organizationId, issuer, subject, providerSessionId }: Owners): string[] {
    const keys = [this.#user(userId)]
    if (organizationId !== null) keys.push(this.#organization(organizationId))
    if (issuer && subject) keys.push(this.#subject(issuer, subject))
    if (issuer && providerSessionId) keys.push(this.#providerSession(issuer, providerSessionId))
    return keys
  }

  /** Returns the key of an index that holds at least the sessions of the filter. */
  index({ userId, organizationId = '', issuer, subject, providerSessionId }: SessionFilter): string {
    if (issuer && providerSessionId) return this.#providerSession(issuer, providerSessionId)
    if (userId !== undefined) return this.#user(userId)
    return issuer && subject ? this.#subject(issuer, subject) : this.#organization(organizationId)
  }

  value(key: string): string {
    return `${this.#prefix}t:${encode(key)}`
  }

  channel(topic: string): string {
    return `${this.#prefix}e:${topic}`
  }

  #record(handle: SessionHandle, bucket: number): string {
    return `${this.#prefix}s:{${bucket}}${handle}`
  }

  #user(userId: string): string {
    return `${this.#prefix}u:${encode(userId)}`
  }

  #organization(organizationId: string): string {
    return `${this.#prefix}o:${encode(organizationId)}`
  }

  #subject(issuer: string, subject: string): string {
    return `${this.#prefix}i:${encode(issuer)}.${encode(subject)}`
  }

  #providerSession(issuer: string, providerSessionId: string): string {
    return `${this.#prefix}p:${encode(issuer)}.${encode(providerSessionId)}`
  }
}

function encode(component: string): string {
  return Buffer.from(component).toString('base64url')
}

/** FNV-1a, of which the highest byte mixes best. */
export function bucketOf(handle: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < handle.length; index++) {
    hash = Math.imul(hash ^ handle.charCodeAt(index), 0x01000193)
  }
  return hash >>> 24
}
