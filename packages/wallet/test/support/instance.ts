import { type Bff, createBff, type Stores } from '@bff/core'
import { type WalletOptions, wallet } from '../../src/index.ts'

export interface InstanceOptions extends WalletOptions {
  readonly encryptionKey: string
}

/** One of several instances of a service that gives tokens to its clients. */
export function createInstance(store: Stores, { encryptionKey, ...options }: InstanceOptions): Bff {
  const ethereum = wallet({ tokens: 'client', ...options })
  return createBff({
    origin: 'https://app.example.com',
    store,
    encryptionKeys: [encryptionKey],
    plugins: [ethereum],
    onEvent: () => {},
  })
}

export async function postTo(bff: Bff, path: string, body: unknown): Promise<[number, string]> {
  const request = new Request(`https://app.example.com${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  const response = await bff.fetch(request)
  return [response.status, await response.text()]
}
