import { expect, test } from 'vitest'
import type { SessionTokens } from '../../src/contracts/session.ts'
import { generateDpopKeyPair } from '../../src/dpop/key.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { createEncryptor, generateEncryptionKey } from '../../src/internal/crypto/create-encryptor.ts'
import { generateSessionId, parseSessionId } from '../../src/session/id.ts'
import { createTokenOpener } from '../../src/session/opened-tokens.ts'
import { sealTokens } from '../../src/session/seal.ts'

async function setUp() {
  const encryptor = createEncryptor({ keys: [generateEncryptionKey()] })
  const opened: string[] = []
  const open = createTokenOpener({
    ...encryptor,
    decrypt(envelope, context) {
      opened.push(context.field)
      return encryptor.decrypt(envelope, context)
    },
  })
  const handle = parseSessionId(generateSessionId())?.handle
  if (handle === undefined) throw new Error('There is no handle.')
  const sealed = async (accessToken: string, dpopKeyPair: SessionTokens['dpopKeyPair'] = null) => ({
    handle,
    claimsEncrypted: null,
    ...(await sealTokens(encryptor, handle, { accessToken, refreshToken: null, idToken: null, dpopKeyPair })),
  })
  return { open, opened, sealed }
}

test('An access token and its key are opened once, and again when a refresh has changed them', async () => {
  const { open, opened, sealed } = await setUp()
  const pair = await generateDpopKeyPair()
  const record = await sealed('first', pair)
  // As a store that copies what it returns.
  const copy = { ...record, accessTokenEncrypted: record.accessTokenEncrypted?.slice() ?? null }
  expect(await open(record)).toEqual({ accessToken: 'first', dpopKeyPair: pair })
  expect(await open(copy)).toEqual({ accessToken: 'first', dpopKeyPair: pair })
  expect(opened).toEqual(['accessToken', 'dpopKeyPair'])
  expect(await open(await sealed('second', pair))).toEqual({ accessToken: 'second', dpopKeyPair: pair })
  expect(opened).toHaveLength(4)
})

test('An opened token hides no changed record: another field, another key, a wiped session [CRY-03]', async () => {
  const { open, sealed } = await setUp()
  const record = await sealed('first', await generateDpopKeyPair())
  await open(record)
  const broken = new BffError('seal_broken')
  await expect(open({ ...record, accessTokenEncrypted: record.dpopKeyPairEncrypted })).rejects.toEqual(broken)
  await expect(open({ ...record, dpopThumbprint: 'another' })).rejects.toEqual(broken)
  await expect(open({ ...record, dpopKeyPairEncrypted: record.accessTokenEncrypted })).rejects.toEqual(broken)
  expect(await open({ ...record, accessTokenEncrypted: null })).toBeNull()
})

test('No caller can change the tokens that the next one gets', async () => {
  const { open, sealed } = await setUp()
  const record = await sealed('first', await generateDpopKeyPair())
  const tokens = await open(record)
  expect(() => Object.assign(tokens ?? {}, { accessToken: 'changed' })).toThrow(TypeError)
  expect(() => Object.assign(tokens?.dpopKeyPair?.privateJwk ?? {}, { d: 'changed' })).toThrow(TypeError)
  expect((await open(record))?.accessToken).toBe('first')
})
