import type { Fetch } from '@bff/oidc'

/** Sees what passes between the app and the provider, and so knows the secrets that must stay there. */
export interface ProviderTap {
  readonly fetch: Fetch
  /** Every token the provider has issued, in order. */
  readonly tokens: ReadonlyArray<{ readonly kind: string; readonly value: string }>
  /** The `state` of the sign-in that began last. */
  state(): string
  /** Resolves when the next request to the token endpoint leaves. */
  contacted(): Promise<void>
}

const KINDS = ['access_token', 'refresh_token', 'id_token']

export function providerTap(): ProviderTap {
  const tokens: Array<{ kind: string; value: string }> = []
  let state = ''
  let notify: Array<() => void> = []

  return {
    tokens,
    state: () => state,
    contacted: () => new Promise((resolve) => notify.push(resolve)),
    fetch: async (url, init) => {
      const form = new URLSearchParams(typeof init.body === 'string' ? init.body : '')
      state = form.get('state') ?? state
      if (!url.endsWith('/token')) return fetch(url, init)
      for (const heard of notify) heard()
      notify = []
      const response = await fetch(url, init)
      const answer: unknown = await response
        .clone()
        .json()
        .catch(() => null)
      for (const kind of KINDS) {
        const value = answer instanceof Object ? Reflect.get(answer, kind) : undefined
        if (typeof value === 'string') tokens.push({ kind, value })
      }
      return response
    },
  }
}
