import { describe, expect, it } from 'vitest'
import { BffRequestError } from '../src/index.ts'
import { FakeBrowser, type Tab } from './fake-browser.ts'

const STEP_UP = { error: 'insufficient_user_authentication', acr_values: 'mfa', max_age: 300 }

async function pageWith(options = {}) {
  const browser = new FakeBrowser()
  browser.signInAs('alice')
  const tab = await browser.load(options)
  /** What the last page of the window does. */
  const endSignIn = (page: Tab, at = 0) => {
    const channel = browser.openChannel('@bff/client/bff', () => {})
    channel.post({ type: 'popup' })
    channel.close()
    const window = page.windows[at]
    if (window !== undefined) window.closed = true
  }
  const done = async <T>(work: Promise<T>): Promise<T> =>
    (await Promise.all([work, browser.time.pass(5_000)]))[0]
  return { browser, tab, endSignIn, done }
}

describe('signInWithPopup()', () => {
  it('opens the sign-in, and returns the new state when its last page says that it is done', async () => {
    const { browser, tab, endSignIn, done } = await pageWith()
    const state = tab.client.signInWithPopup({ acrValues: 'mfa', maxAge: 300 })
    expect(tab.windows.map(({ url }) => url)).toEqual([
      '/bff/login?returnTo=%2Fbff%2Fpopup&acr_values=mfa&max_age=300',
    ])
    await browser.time.pass(60_000)
    browser.signInAs('bob')
    endSignIn(tab)
    expect(await done(state)).toMatchObject({ status: 'signed-in', userId: 'bob' })
    expect(tab.visited).toEqual([])
    expect(browser.openChannels).toBe(1)
  })

  it('returns the old state when the user closes the window', async () => {
    const { tab, done } = await pageWith()
    const state = tab.client.signInWithPopup()
    Object.assign(tab.windows[0] ?? {}, { closed: true })
    tab.focus()
    expect(await done(state)).toMatchObject({ status: 'signed-in', userId: 'alice' })
  })

  it('goes on waiting when the user comes back to the page while the window is open', async () => {
    const { browser, tab, endSignIn, done } = await pageWith()
    const state = tab.client.signInWithPopup()
    tab.focus()
    await browser.time.pass(60_000)
    browser.signInAs('bob')
    endSignIn(tab)
    expect(await done(state)).toMatchObject({ userId: 'bob' })
  })

  it('waits for a window that a provider has cut off, until the user comes back', async () => {
    const { browser, tab, done } = await pageWith()
    tab.cutsWindowsOff = true
    let isDone = false
    const state = tab.client.signInWithPopup().then((value) => {
      isDone = true
      return value
    })
    await browser.time.pass(120_000)
    expect(isDone).toBe(false)
    tab.focus()
    expect(await done(state)).toMatchObject({ userId: 'alice' })
  })

  it('has one window at a time', async () => {
    const { tab, endSignIn, done } = await pageWith()
    const [first, second] = [tab.client.signInWithPopup(), tab.client.signInWithPopup()]
    expect(tab.windows).toHaveLength(1)
    expect(tab.windows[0]?.focused).toBe(1)
    endSignIn(tab)
    await done(Promise.all([first, second]))
    void tab.client.signInWithPopup()
    expect(tab.windows).toHaveLength(2)
  })

  it('says that the browser has blocked the window', async () => {
    const { tab } = await pageWith()
    tab.blocksWindows = true
    const refusal = await tab.client.signInWithPopup().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(BffRequestError)
    expect(refusal).toMatchObject({ code: 'popup_blocked' })
  })
})

describe('a fetch that an API refuses until the user signs in anew', () => {
  const api = (browser: FakeBrowser, answers: readonly (() => Response)[]) => {
    let call = 0
    browser.server.api.set('/api/transfer', () => {
      const answer = answers[Math.min(call++, answers.length - 1)]
      return answer === undefined ? Response.json({}) : answer()
    })
  }
  const refused = () => Response.json(STEP_UP, { status: 401 })
  const granted = () => Response.json({ done: true })
  const calls = ({ calls }: FakeBrowser) => calls.filter((call) => call.endsWith('/api/transfer'))

  it.each([
    ['a string', () => '{"amount":1}'],
    ['a form', () => new URLSearchParams({ amount: '1' })],
  ])('is sent again after the popup, once, with %s', async (_what, body) => {
    const { browser, tab, endSignIn, done } = await pageWith({ stepUp: 'popup' })
    api(browser, [refused, granted])
    const answer = tab.client.fetch('/api/transfer', { method: 'POST', body: body() })
    await browser.time.pass(100)
    expect(tab.windows.map(({ url }) => new URLSearchParams(url.split('?')[1]).get('acr_values'))).toEqual([
      'mfa',
    ])
    expect(tab.session.status).toBe('signed-in')
    endSignIn(tab)
    expect((await done(answer)).status).toBe(200)
    expect(calls(browser)).toEqual(['POST /api/transfer', 'POST /api/transfer'])
    const [first, second] = browser.requests.filter(({ url }) => url.endsWith('/api/transfer'))
    expect(String(second?.init?.body)).toBe(String(first?.init?.body))
    expect(second?.headers.get('x-csrf')).toBe('1')
  })

  it('sends the body of a Request again', async () => {
    const { browser, tab, endSignIn, done } = await pageWith({ stepUp: 'popup' })
    api(browser, [refused, granted])
    const request = new Request('https://app.example.com/api/transfer', { method: 'POST', body: 'amount=1' })
    const answer = tab.client.fetch(request)
    await browser.time.pass(100)
    endSignIn(tab)
    expect((await done(answer)).status).toBe(200)
  })

  it('that is refused again is the answer', async () => {
    const { browser, tab, endSignIn, done } = await pageWith({ stepUp: 'popup' })
    api(browser, [refused])
    const answer = tab.client.fetch('/api/transfer', { method: 'POST' })
    await browser.time.pass(100)
    endSignIn(tab)
    expect((await done(answer)).status).toBe(401)
    expect(calls(browser)).toHaveLength(2)
    expect(tab.windows).toHaveLength(1)
  })

  it.each([
    ['without the option', {}, false],
    ['when the browser blocks the window', { stepUp: 'popup' }, true],
  ])('is returned as it is %s', async (_when, options, blocks) => {
    const { browser, tab, done } = await pageWith(options)
    tab.blocksWindows = blocks
    api(browser, [refused, granted])
    const answer = await done(tab.client.fetch('/api/transfer', { method: 'POST' }))
    expect(await answer.json()).toEqual(STEP_UP)
    expect(calls(browser)).toHaveLength(1)
    expect(tab.windows).toEqual([])
  })
})

describe('signInWithPopup() in a frame of another site', () => {
  async function frameWith() {
    const page = await pageWith({ embedded: true, claims: false })
    page.tab.framed = true
    const redeemed: unknown[] = []
    page.browser.server.api.set('/bff/embedded', () => {
      redeemed.push(page.browser.requests.at(-1)?.init?.body?.toString())
      page.browser.signInAs('bob')
      return Response.json({})
    })
    return { ...page, redeemed }
  }

  it('redeems the code that its window posts, with the secret of this frame, once [EMB-02]', async () => {
    const { browser, tab, done, redeemed } = await frameWith()
    const state = tab.client.signInWithPopup({ acrValues: 'mfa' })
    await browser.time.pass(1_000)
    expect(tab.windows.map(({ url }) => url)).toEqual(['/bff/embedded?challenge=challenge&acr_values=mfa'])
    for (const message of [null, 'code', { type: 'other', code: 'x' }]) tab.windows[0]?.post(message)
    await browser.time.pass(1_000)
    expect(redeemed).toEqual([])
    tab.windows[0]?.post({ type: 'bff-embedded', code: 'the-code' })
    tab.windows[0]?.post({ type: 'bff-embedded', code: 'another' })
    expect(await done(state)).toMatchObject({ status: 'signed-in', userId: 'bob' })
    expect(redeemed).toEqual(['code=the-code&verifier=verifier'])
    const redemption = browser.requests.find(({ url }) => url.endsWith('/bff/embedded'))
    expect(redemption?.headers.get('x-csrf')).toBe('1')
  })

  it('redeems nothing when the sign-in failed or the user closed the window', async () => {
    const { browser, tab, done, redeemed } = await frameWith()
    const failed = tab.client.signInWithPopup()
    await browser.time.pass(1_000)
    tab.windows[0]?.post({ type: 'bff-embedded', error: 'login_failed' })
    expect(await done(failed)).toMatchObject({ userId: 'alice' })
    const closed = tab.client.signInWithPopup()
    await browser.time.pass(1_000)
    Object.assign(tab.windows[1] ?? {}, { closed: true })
    tab.focus()
    expect(await done(closed)).toMatchObject({ userId: 'alice' })
    expect(redeemed).toEqual([])
  })

  it('signs in as any other page while no page frames it', async () => {
    const { tab } = await frameWith()
    tab.framed = false
    void tab.client.signInWithPopup()
    expect(tab.windows[0]?.url).toBe('/bff/login?returnTo=%2Fbff%2Fpopup')
  })
})
