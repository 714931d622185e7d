import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { signInAtProvider } from '@bff/testing'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The error code of a JSON body or of the page for developers, or `null`. */
  readonly error: string | null
}

export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** A browser without a screen: it keeps cookies, follows nothing, and sends paths as they are written. */
export interface HttpClient {
  readonly cookies: Map<string, string>
  /** As the page's scripts call: with the CSRF header and an origin. */
  call(path: string, call?: Call): Promise<Answer>
  /** As a person opens an address. */
  open(path: string): Promise<Answer>
  /** As a person sends an empty form of the app's own page. */
  submit(path: string): Promise<Answer>
  /** Signs in at the provider, and returns the path of the callback it came back to. */
  signIn(login?: string): Promise<string>
}

export function httpClient(origin: string): HttpClient {
  const agent = new Agent({ keepAlive: true })
  const cookies = new Map<string, string>()
  const { hostname, port } = new URL(origin)

  const send = (path: string, { method = 'GET', headers = {}, body }: Call): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const all = { ...(cookie === '' ? {} : { cookie }), ...headers }
      const outgoing = request({ agent, hostname, port, path, method, headers: all }, (response) => {
        for (const line of response.headers['set-cookie'] ?? []) keep(cookies, line)
        text(response).then(
          (content) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: content,
              error: errorOf(content),
            }),
          reject,
        )
      })
      // An answer may come before a long body is sent, and the connection end then.
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  const client: HttpClient = {
    cookies,
    call: (path, call = {}) => send(path, { ...call, headers: { 'x-csrf': '1', origin, ...call.headers } }),
    open: (path) => send(path, { headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate' } }),
    submit: (path) =>
      send(path, {
        method: 'POST',
        headers: {
          ...{ accept: 'text/html', origin, 'content-type': 'application/x-www-form-urlencoded' },
          ...{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' },
        },
        body: '',
      }),
    signIn: async (login = 'alice') => {
      const { headers } = await client.open('/bff/login')
      const { pathname, search } = new URL(await signInAtProvider(headers.location ?? '', login))
      await client.open(pathname + search)
      return pathname + search
    },
  }
  return client
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(/; */)
  const at = pair.indexOf('=')
  if (attributes.includes('Max-Age=0')) cookies.delete(pair.slice(0, at))
  else cookies.set(pair.slice(0, at), pair.slice(at + 1))
}

function errorOf(content: string): string | null {
  const shown = /data-error="(\w+)"/.exec(content)?.[1]
  if (shown !== undefined) return shown
  try {
    const { error } = JSON.parse(content)
    return typeof error === 'string' ? error : null
  } catch {
    return null
  }
}
