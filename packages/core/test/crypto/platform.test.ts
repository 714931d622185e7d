import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'

beforeEach(() => vi.resetModules())

/** A fresh copy of core, which has not looked for `node:crypto` yet. */
async function freshCore() {
  const platform = await import('../../src/internal/crypto/platform.ts')
  const encryptors = await import('../../src/internal/crypto/create-encryptor.ts')
  return { ...platform, ...encryptors }
}

const context = { recordId: 'handle0123456789', field: 'accessToken' }
const key = '5a'.repeat(32)

test('node:crypto is asked for on first use, once, and never at import', async () => {
  const getBuiltinModule = vi.spyOn(process, 'getBuiltinModule')
  onTestFinished(() => getBuiltinModule.mockRestore())
  const core = await freshCore()
  expect(getBuiltinModule).not.toHaveBeenCalled()
  const encryptor = core.createEncryptor({ keys: [key] })
  await encryptor.encryptString('x', context)
  core.createEncryptor({ keys: [key] })
  expect(getBuiltinModule.mock.calls).toEqual([['node:crypto']])
})

test.each([
  ['no process', undefined],
  ['a process without getBuiltinModule', {}],
  ['a process without node:crypto', { getBuiltinModule: () => undefined }],
  [
    'a process that throws instead',
    {
      getBuiltinModule: () => {
        throw new Error('A Node.js API is used which is not supported in the Edge Runtime.')
      },
    },
  ],
])('a runtime with %s seals with WebCrypto, to the same envelopes', async (_, process) => {
  const fast = await freshCore()
  const sealed = await fast.createEncryptor({ keys: [key] }).encryptString('a token', context)
  vi.resetModules()
  const slow = await freshCore()
  // Not for longer: Vitest itself needs the process whenever this test waits.
  vi.stubGlobal('process', process)
  const found = slow.nodeCrypto()
  vi.unstubAllGlobals()
  expect(found).toBeNull()
  expect(await slow.createEncryptor({ keys: [key] }).decryptString(sealed, context)).toBe('a token')
})
