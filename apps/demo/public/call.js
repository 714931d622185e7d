/** A call that did not work: `code` is stable, `message` is for people, `retryAfter` is seconds or null. */
export class CallError extends Error {
  constructor(code, message, retryAfter = null) {
    super(message)
    this.name = 'CallError'
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** The calls of a page with the `fetch` of its client. The browser adds the cookie; there is nothing else to add. */
export function callsOf(fetch) {
  /** Calls the app, or an API behind the BFF. */
  async function call(path, { method = 'GET', json, signal } = {}) {
    const init = {
      method,
      headers: json && { 'content-type': 'application/json' },
      body: json && JSON.stringify(json),
      cache: 'no-store',
      signal,
    }
    const response = await fetch(path, init).catch((error) => {
      if (error.name === 'AbortError') throw error
      throw new CallError('unreachable', 'The server cannot be reached.')
    })
    if (!response.ok) throw await failureOf(response)
    return response
  }
  return { call, callJson: async (path, options) => (await call(path, options)).json() }
}

async function failureOf(response) {
  const retryAfter = Number(response.headers.get('retry-after')) || null
  const body = await response.json().catch(() => ({}))
  const code = typeof body.error === 'string' ? body.error : `http_${response.status}`
  return new CallError(code, body.message ?? `The server answered ${response.status}.`, retryAfter)
}
