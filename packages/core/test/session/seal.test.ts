import { Buffer } from 'node:buffer'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Encryptor } from '../../src/contracts/encryptor.ts'
import type { BffEventDetail } from '../../src/contracts/events.ts'
import { SEALED_FIELDS } from '../../src/contracts/sealed-fields.ts'
import type { DpopKeyPair, SessionHandle, SessionTokens } from '../../src/contracts/session.ts'
import { generateDpopKeyPair } from '../../src/dpop/key.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { createEncryptor, encryptorOn } from '../../src/internal/crypto/create-encryptor.ts'
import { utf8 } from '../../src/internal/crypto/encoding.ts'
import { hasDpop } from '../../src/internal/lifetime.ts'
import { resealStale } from '../../src/internal/reseal.ts'
import { generateSessionId, parseSessionId } from '../../src/session/id.ts'
import {
  openAccessTokens,
  openIdentity,
  openTokens,
  sealIdentity,
  sealTokens,
  serializeDpopKeyPair,
} from '../../src/session/seal.ts'

const oldKey = Buffer.alloc(32, 'o').toString('base64')
const newKey = Buffer.alloc(32, 'n').toString('base64')
const encryptor = createEncryptor({ keys: [oldKey] })
const rotated = createEncryptor({ keys: [newKey, oldKey] })
const identity = { claims: { sub: 'alice', name: 'Älice' }, scope: 'openid orders', sessionState: null }

let pair: DpopKeyPair
let otherPair: DpopKeyPair
let tokens: SessionTokens
beforeAll(async () => {
  pair = await generateDpopKeyPair()
  otherPair = await generateDpopKeyPair()
  tokens = { accessToken: 'access-1', refreshToken: 'refresh-1', idToken: 'id-1', dpopKeyPair: pair }
})

function newHandle(): SessionHandle {
  const parts = parseSessionId(generateSessionId())
  if (parts === null) throw new Error('no handle')
  return parts.handle
}
const handle = newHandle()

async function sealedRecord(by: Encryptor = encryptor, of: SessionTokens = tokens) {
  return {
    handle,
    claimsEncrypted: await sealIdentity(by, handle, identity),
    ...(await sealTokens(by, handle, of)),
  }
}

describe('sealed session fields', () => {
  test('open to what was sealed, and show nothing of it [S0-3]', async () => {
    const record = await sealedRecord()
    expect(await openTokens(encryptor, record)).toEqual(tokens)
    expect((await openAccessTokens(encryptor, record))?.accessToken).toBe('access-1')
    expect(await openIdentity(encryptor, record)).toEqual(identity)
    const stored = SEALED_FIELDS.map((column) => Buffer.from(record[column] ?? []).toString('latin1')).join()
    for (const secret of ['access-1', 'refresh-1', 'id-1', pair.privateJwk.d, 'alice']) {
      expect(stored).not.toContain(secret)
    }
  })

  test('what is absent is null, so that an update clears it', async () => {
    const bare = { accessToken: 'access-2', refreshToken: null, idToken: null, dpopKeyPair: null }
    const sealed = await sealTokens(encryptor, handle, bare)
    expect(sealed).toEqual({
      accessTokenEncrypted: expect.any(Uint8Array),
      refreshTokenEncrypted: null,
      idTokenEncrypted: null,
      dpopKeyPairEncrypted: null,
      dpopThumbprint: null,
    })
    const record = { handle, claimsEncrypted: null, ...sealed }
    expect(await openTokens(encryptor, record)).toEqual(bare)
    expect(await openIdentity(encryptor, record)).toEqual({ claims: {}, scope: null, sessionState: null })
    const empty = { ...record, accessTokenEncrypted: null }
    expect(await openTokens(encryptor, empty)).toBeNull()
    expect(await openAccessTokens(encryptor, empty)).toBeNull()
  })

  test('no field opens in the place of another, nor in another record [CRY-03, S0-8, flaw 1]', async () => {
    const record = await sealedRecord()
    for (const from of SEALED_FIELDS) {
      if (from !== 'accessTokenEncrypted') {
        const swapped = { ...record, accessTokenEncrypted: record[from] }
        await expect(openTokens(encryptor, swapped)).rejects.toEqual(new BffError('seal_broken'))
        await expect(openAccessTokens(encryptor, swapped)).rejects.toEqual(new BffError('seal_broken'))
      }
      if (from !== 'claimsEncrypted') {
        const swapped = { ...record, claimsEncrypted: record[from] }
        await expect(openIdentity(encryptor, swapped)).rejects.toEqual(new BffError('seal_broken'))
      }
    }
    const moved = { ...record, handle: newHandle() }
    await expect(openTokens(encryptor, moved)).rejects.toEqual(new BffError('seal_broken'))
    await expect(openIdentity(encryptor, moved)).rejects.toEqual(new BffError('seal_broken'))
  })

  test('a token stored in the clear is no token [CRY-09]', async () => {
    const record = { ...(await sealedRecord()), accessTokenEncrypted: utf8('access-1') }
    await expect(openAccessTokens(encryptor, record)).rejects.toEqual(new BffError('seal_broken'))
  })
})

describe('the sealed DPoP key', () => {
  test('counts only together with its thumbprint [S1-8]', async () => {
    const record = await sealedRecord()
    expect(record.dpopThumbprint).toBe(pair.thumbprint)
    expect(hasDpop(record)).toBe(true)
    for (const half of [
      { ...record, dpopThumbprint: null },
      { ...record, dpopKeyPairEncrypted: null },
    ]) {
      expect(hasDpop(half)).toBe(false)
      expect(await openTokens(encryptor, half)).toEqual({ ...tokens, dpopKeyPair: null })
    }
  })

  test("does not open under another key's thumbprint [S1-52]", async () => {
    const record = { ...(await sealedRecord()), dpopThumbprint: otherPair.thumbprint }
    await expect(openTokens(encryptor, record)).rejects.toEqual(new BffError('seal_broken'))
  })

  test('is sealed like a token, bound to a field of its own [DPO-16]', async () => {
    const record = await sealedRecord()
    const context = { recordId: handle, field: 'dpopKeyPair' }
    const envelope = record.dpopKeyPairEncrypted ?? new Uint8Array()
    expect(Buffer.from(await encryptor.decrypt(envelope, context)).toString()).toBe(
      serializeDpopKeyPair(pair),
    )
  })
})

describe('resealStale [CRY-06]', () => {
  test('seals anew every field an older key sealed', async () => {
    const record = await sealedRecord()
    const { fields: fresh } = await resealStale(rotated, record)
    expect(Object.keys(fresh).sort()).toEqual([...SEALED_FIELDS].sort())
    const merged = { ...record, ...fresh }
    const onlyNew = createEncryptor({ keys: [newKey] })
    expect(await openTokens(onlyNew, merged)).toEqual(tokens)
    expect(await openIdentity(onlyNew, merged)).toEqual(identity)
    expect(await resealStale(rotated, merged)).toEqual({ fields: {}, unopened: [] })
  })

  test('leaves fresh and absent fields alone', async () => {
    expect((await resealStale(encryptor, await sealedRecord())).fields).toEqual({})
    const bare = { accessToken: 'a', refreshToken: null, idToken: null, dpopKeyPair: null }
    const mixed = {
      ...(await sealedRecord(encryptor, bare)),
      claimsEncrypted: await sealIdentity(rotated, handle, identity),
    }
    expect(Object.keys((await resealStale(rotated, mixed)).fields)).toEqual(['accessTokenEncrypted'])
  })

  test('leaves a field that does not open as it is, and says so', async () => {
    const events: BffEventDetail[] = []
    const watched = createEncryptor({ keys: [newKey, oldKey], onEvent: (event) => events.push(event) })
    const record = { ...(await sealedRecord()), idTokenEncrypted: new Uint8Array(50) }
    const { fields, unopened } = await resealStale(watched, record)
    expect(Object.keys(fields)).not.toContain('idTokenEncrypted')
    expect(unopened).toEqual([{ envelope: record.idTokenEncrypted, code: 'seal_broken' }])
    expect(events).toMatchObject([{ type: 'crypto.decrypt_failed', field: 'idToken', recordId: handle }])
  })

  test('does not hide a fault of the encryptor', async () => {
    const faulty: Encryptor = {
      ...rotated,
      decrypt: () => Promise.reject(new BffError('store_unavailable')),
    }
    await expect(resealStale(faulty, await sealedRecord())).rejects.toEqual(new BffError('store_unavailable'))
  })
})

describe('with an encryptor of the app’s own', () => {
  const clear: Encryptor = {
    encrypt: async (plaintext) => plaintext,
    decrypt: async (envelope) => envelope,
    encryptString: async (plaintext) => plaintext,
    decryptString: async (envelope) => envelope,
    mac: async (text) => text,
    needsReseal: () => false,
  }

  test('fields go through it unharmed', async () => {
    const record = await sealedRecord(clear)
    expect(await openTokens(clear, record)).toEqual(tokens)
    expect(await openTokens(clear, record)).toEqual(tokens)
  })

  test('what it opens to must still make sense', async () => {
    const record = await sealedRecord(clear)
    const broken = new BffError('seal_broken')
    const notText = { ...record, accessTokenEncrypted: new Uint8Array([0xff]) }
    await expect(openAccessTokens(clear, notText)).rejects.toEqual(broken)
    await expect(openIdentity(clear, { ...record, claimsEncrypted: utf8('{') })).rejects.toEqual(broken)
    await expect(openTokens(clear, { ...record, dpopKeyPairEncrypted: utf8('{}') })).rejects.toEqual(broken)
  })
})

test('sealed by one platform, opened by the other', async () => {
  const web = encryptorOn(null, { keys: [oldKey] })
  expect(await openTokens(encryptor, await sealedRecord(web))).toEqual(tokens)
  expect(await openTokens(web, await sealedRecord())).toEqual(tokens)
})
