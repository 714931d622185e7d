import { createBff, generateEncryptionKey } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { describe, expect, it } from 'vitest'
import { nextBff } from '../src/index.ts'

const make = () =>
  createBff({
    origin: 'https://app.example.com',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
  })

describe('the BFF of nextBff', () => {
  it('is made at the first use, and once for every copy of the module', async () => {
    let made = 0
    const create = () => {
      made++
      return make()
    }
    const copies = [nextBff(create, { name: 'once' }), nextBff(create, { name: 'once' })]
    expect(made).toBe(0)
    const [first, second] = await Promise.all(copies.map(({ bff }) => bff()))
    expect([made, first === second]).toEqual([1, true])
  })

  it('refuses an option there is not', () => {
    const options = { name: 'typo', remoteAdress: () => '192.0.2.1' }
    expect(() => nextBff(make, options)).toThrow(/Unknown option remoteAdress of nextBff.*remoteAddress/)
  })

  it('is tried again after it could not be made', async () => {
    let attempts = 0
    const { bff } = nextBff(
      async () => {
        if (attempts++ === 0) throw new Error('not yet')
        return make()
      },
      { name: 'again' },
    )
    await expect(bff()).rejects.toThrow('not yet')
    expect(await bff()).toBe(await bff())
    expect(attempts).toBe(2)
  })
})
