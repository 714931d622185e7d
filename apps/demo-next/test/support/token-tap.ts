import { onTestFinished, vi } from 'vitest'

const KINDS = ['access_token', 'refresh_token', 'id_token']

/**
 * Sees the answers of the provider's token endpoint to this process, the app in it, and so knows the secrets that must stay
 * here. Begin before the app does.
 */
export function tapTokens(): ReadonlyArray<{ readonly kind: string; readonly value: string }> {
  const tokens: Array<{ kind: string; value: string }> = []
  const real = globalThis.fetch
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const response = await real(input, init)
    const url = input instanceof Request ? input.url : String(input)
    if (!url.endsWith('/token')) return response
    const answer: unknown = await response
      .clone()
      .json()
      .catch(() => null)
    for (const kind of KINDS) {
      const value = answer instanceof Object ? Reflect.get(answer, kind) : undefined
      if (typeof value === 'string') tokens.push({ kind, value })
    }
    return response
  })
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  return tokens
}
