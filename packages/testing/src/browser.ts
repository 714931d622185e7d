const MAX_STEPS = 20

/** Enough of a browser to walk the provider's pages: it keeps cookies, follows redirects and sends forms. */
export interface TestBrowser {
  /**
   * Signs in where `authorizationUrl` leads and returns the URL the provider sends the browser back to, without
   * requesting it. Throws with the page's own words when the provider refuses.
   */
  signIn(authorizationUrl: string, login: string): Promise<string>
  /** Follows `url`, say of a logout, until it leaves the provider; returns where it would go next. */
  leave(url: string): Promise<string>
}

/** Signs in with a browser of its own, so without any earlier session at the provider. */
export function signInAtProvider(authorizationUrl: string, login: string): Promise<string> {
  return createBrowser().signIn(authorizationUrl, login)
}

/** Makes a browser without cookies, for several sign-ins of one person at the provider. */
export function createBrowser(): TestBrowser {
  const cookies = new Map<string, string>()

  const request = async (url: string, form: URLSearchParams | null): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) },
      ...(form === null ? {} : { method: 'POST', body: form }),
    })
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line)
    return response
  }

  const walk = async (start: string, fields: Readonly<Record<string, string>>): Promise<string> => {
    const home = new URL(start).origin
    let url = start
    let form: URLSearchParams | null = null
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const response = await request(url, form)
      const location = response.headers.get('location')
      if (location !== null) {
        await response.body?.cancel()
        const next = new URL(location, url)
        if (next.origin !== home) return next.href
        url = next.href
        form = null
        continue
      }
      const page = await response.text()
      const problem = alertOf(page)
      const next = problem === null ? formOf(page, fields) : null
      if (next === null) throw new Error(`The provider answered ${response.status}: ${problem ?? page}`)
      url = new URL(next.action, url).href
      form = next.inputs
    }
    throw new Error(`The provider's pages did not end after ${MAX_STEPS} steps.`)
  }

  return {
    signIn: (authorizationUrl, login) => walk(authorizationUrl, { login, password: 'any password' }),
    leave: (url) => walk(url, {}),
  }
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';')
  const split = pair.indexOf('=')
  const name = pair.slice(0, split).trim()
  const value = pair.slice(split + 1).trim()
  const expiry = attributes.find((attribute) => /^\s*expires=/i.test(attribute))?.split('=')[1]
  const expired = expiry !== undefined && Date.parse(expiry) <= Date.now()
  if (value === '' || expired) cookies.delete(name)
  else cookies.set(name, value)
}

function formOf(
  page: string,
  fields: Readonly<Record<string, string>>,
): { action: string; inputs: URLSearchParams } | null {
  const form = /<form\b[^>]*>/i.exec(page)?.[0]
  const action = form === undefined ? null : attributeOf(form, 'action')
  if (action === null) return null
  const inputs = new URLSearchParams()
  for (const [tag] of page.matchAll(/<input\b[^>]*>/gi)) {
    const name = attributeOf(tag, 'name')
    if (name !== null) inputs.set(name, fields[name] ?? attributeOf(tag, 'value') ?? '')
  }
  return { action, inputs }
}

const alertOf = (page: string): string | null => {
  const text = /role="alert"[^>]*>([^<]*)</.exec(page)?.[1]
  return text === undefined ? null : unescapeHtml(text)
}

const attributeOf = (tag: string, name: string): string | null => {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value === undefined ? null : unescapeHtml(value)
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string | undefined) =>
    code === undefined ? (named[name ?? ''] ?? whole) : String.fromCodePoint(Number(code)),
  )
