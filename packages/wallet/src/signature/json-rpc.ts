import { BffError, type Clock } from '@bff/core'

export interface JsonRpcOptions {
  readonly url: string
  readonly timeoutMs: number
  readonly fetch: typeof fetch
  readonly clock: Clock
}

/** The calls that are needed of an Ethereum node's JSON-RPC. The node is not trusted: every error is an outage (WAL-11). */
export interface JsonRpc {
  /** @throws BffError `provider_unavailable` */
  text(method: string, params: readonly unknown[]): Promise<string>
  /** Returns the result of `eth_call`; `null` when the call reverted. @throws BffError `provider_unavailable` */
  call(transaction: { readonly to?: string; readonly data: string }): Promise<string | null>
}

const MAX_ANSWER_BYTES = 256 * 1024
/** The gas to deploy a wallet and ask it. */
const GAS = '0x989680'

interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code?: unknown; readonly message?: unknown }
}

export function createJsonRpc({ url, timeoutMs, fetch, clock }: JsonRpcOptions): JsonRpc {
  let id = 0

  async function exchange(method: string, params: readonly unknown[], signal: AbortSignal): Promise<Answer> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
      redirect: 'error',
      signal,
    })
    const answer: unknown = JSON.parse(await limitedText(response))
    if (!response.ok || typeof answer !== 'object' || answer === null) throw new Error(`${response.status}`)
    return answer
  }

  async function ask(method: string, params: readonly unknown[]): Promise<Answer> {
    const limit = new AbortController()
    const done = new AbortController()
    const tooLate = clock.sleep(timeoutMs, done.signal).then(() => {
      const timeout = new Error('timeout')
      limit.abort(timeout)
      throw timeout
    })
    try {
      return await Promise.race([exchange(method, params, limit.signal), tooLate])
    } catch {
      // The cause may quote the address, and with it the key that many providers put there.
      throw outage(method)
    } finally {
      done.abort()
    }
  }

  return {
    async text(method, params) {
      const { result } = await ask(method, params)
      if (typeof result !== 'string') throw outage(method)
      return result
    },
    async call(transaction) {
      const { result, error } = await ask('eth_call', [{ ...transaction, gas: GAS }, 'latest'])
      if (typeof result === 'string') return result
      // 3 is what EIP-1474 nodes answer for a revert; others say so in words.
      if (error?.code === 3 || /revert/i.test(String(error?.message))) return null
      throw outage('eth_call')
    },
  }
}

const outage = (method: string) =>
  new BffError(
    'provider_unavailable',
    `The Ethereum node did not answer ${method} correctly. Try again shortly.`,
  )

async function limitedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The answer is too long.')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
