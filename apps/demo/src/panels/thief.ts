/** What one request of a thief got back. `error` is the code of a refusal, or `null`. */
export interface Loot {
  readonly status: number
  readonly error: string | null
}

/** Sends requests with a copied cookie, over HTTP like anyone who has it. */
export type Thief = (cookie: string, path: string, method?: string) => Promise<Loot>

export const thiefAt =
  (origin: string): Thief =>
  async (cookie, path, method = 'GET') => {
    const response = await fetch(origin + path, { method, headers: { cookie, 'x-csrf': '1', origin } })
    const answer: unknown = await response.json().catch(() => null)
    const error: unknown = answer instanceof Object ? Reflect.get(answer, 'error') : null
    return { status: response.status, error: typeof error === 'string' ? error : null }
  }

/** What the copies are tried on. */
export const LOOT_PATH = '/api/orders'
