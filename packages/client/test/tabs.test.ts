import { expect, test } from 'vitest'
import { FakeBrowser, type Tab } from './fake-browser.ts'

async function tabs(count: number, userId: string | null = 'alice') {
  const browser = new FakeBrowser()
  if (userId !== null) browser.signInAs(userId)
  const all: Tab[] = []
  for (let index = 0; index < count; index++) all.push(await browser.load({ pollMs: 0 }))
  forget(browser, all)
  const [first, second] = all
  if (first === undefined || second === undefined) throw new Error('Two tabs at least.')
  return { browser, all, first, second, time: browser.time }
}

function forget(browser: FakeBrowser, all: readonly Tab[]): void {
  browser.calls.length = 0
  browser.messages.length = 0
  for (const tab of all) tab.events.length = 0
}

test('a sign-out is seen in the other tabs before they have asked anyone', async () => {
  const { browser, first, second, time } = await tabs(2)
  const told = new Promise<number>((resolve) => {
    second.client.subscribe(({ type }) => {
      if (type === 'signed-out') resolve(browser.calls.length)
    })
  })
  await Promise.all([first.client.signOut(), time.pass(100)])
  expect(await told).toBe(1)
  expect(first.session).toMatchObject({ status: 'signed-out', reason: 'signed_out' })
  expect(second.session).toEqual({ status: 'signed-out', reason: 'signed_out_elsewhere', error: null })
  // It has made sure since.
  expect(browser.calls).toEqual(['POST /bff/logout', 'GET /bff/session?slide=false'])
  expect(second.types).toEqual(['signed-out'])
})

test('a page without listeners tells of its sign-out too', async () => {
  const { browser, second, time } = await tabs(2)
  await Promise.all([browser.open().client.signOut(), time.pass(100)])
  expect(second.session).toMatchObject({ reason: 'signed_out_elsewhere' })
})

test('a sign-in in one tab is seen in the others, and so is another user', async () => {
  const { browser, all, time } = await tabs(3, null)
  for (const userId of ['alice', 'bob']) {
    browser.signInAs(userId)
    const fresh = await browser.load()
    await time.pass(100)
    for (const tab of all) {
      expect(tab.session).toMatchObject({ status: 'signed-in', userId })
      expect(tab.types).toEqual(['signed-in'])
    }
    fresh.client.close()
    forget(browser, all)
  }
})

test('what one tab finds out the others learn from the server', async () => {
  const { browser, first, second, time } = await tabs(2)
  browser.server.session = null
  first.focus()
  await time.pass(200)
  expect(second.session).toEqual({ status: 'signed-out', reason: 'invalid_session', error: null })
})

test('tabs that agree are quiet: a page more costs two questions, and its word is passed on by nobody', async () => {
  const { browser, all, time } = await tabs(5)
  await browser.load({ pollMs: 0 })
  expect(browser.calls).toHaveLength(2)
  for (const tab of all) tab.focus()
  await time.pass(100)
  expect(browser.messages).toEqual([{ identity: 'alice' }])
  for (const tab of all) expect(tab.events).toEqual([])
})

test('BFFs at other paths, and messages of others, are none of its business', async () => {
  const { browser, first, second, time } = await tabs(2)
  const stranger = browser.open({ basePath: '/other' })
  stranger.listen()
  browser.server.api.set('/other/logout', () => Response.json({ message: 'Logged out successfully' }))
  await Promise.all([stranger.client.signOut(), time.pass(100)])
  const channel = browser.openChannel('@bff/client/bff', () => {})
  for (const message of [null, 'signed-out', 7]) channel.post(message)
  await time.pass(100)
  expect([first.events, second.events]).toEqual([[], []])
})

test('a sign-out that was overtaken by a new sign-in is corrected at once', async () => {
  const { browser, first, second, time } = await tabs(2)
  // The answer to the sign-out takes its time.
  const delays = [10, 1_000]
  browser.delay = () => delays.shift() ?? 10
  const signingOut = first.client.signOut()
  await time.pass(100)
  browser.signInAs('bob')
  second.focus()
  await time.pass(100)
  expect(second.session).toMatchObject({ userId: 'bob' })
  await Promise.all([signingOut, time.pass(2_000)])
  expect(second.session).toMatchObject({ status: 'signed-in', userId: 'bob' })
  expect(second.types).toEqual(['signed-in', 'signed-out', 'signed-in'])
})

test('an answer from before a sign-in that another tab tells of is not used', async () => {
  const { browser, second, time } = await tabs(2)
  const delays = [10, 1_000]
  browser.delay = () => delays.shift() ?? 10
  browser.server.session = null
  second.focus()
  await time.pass(50)
  browser.signInAs('alice')
  await browser.load()
  await time.pass(2_000)
  expect(second.session).toMatchObject({ status: 'signed-in', userId: 'alice' })
  expect(second.types.filter((type) => type !== 'changed')).toEqual([])
})

const SEEDS = Number(process.env['CLIENT_SEEDS'] ?? 150)

test(
  `tabs agree with the server when all is quiet, whatever overtook what (${SEEDS} histories)`,
  async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = randomOf(seed)
      const { browser, all, time } = await tabs(3, random(2) === 0 ? null : 'alice')
      browser.delay = () => random(200)
      for (let step = 0; step < 12; step++) {
        const tab = all[random(all.length)]
        const action = random(5)
        if (action === 0) tab?.client.signOut().catch(() => {})
        else if (action === 1) {
          browser.signInAs(random(2) === 0 ? 'alice' : 'bob')
          // The page the sign-in comes back to.
          tab?.client.close()
          all.splice(all.indexOf(tab ?? browser.open()), 1)
          const back = browser.open({ pollMs: 0 })
          back.listen()
          all.push(back)
        } else if (action === 2) tab?.focus()
        else if (action === 3) tab?.client.keepAlive().catch(() => {})
        else await time.pass(random(400))
      }
      await time.pass(5_000)
      const truth = browser.server.session?.userId ?? null
      const seen = all.map(({ session }) => (session.status === 'signed-in' ? session.userId : null))
      expect({ seed, seen }).toEqual({ seed, seen: all.map(() => truth) })
      for (const tab of all) tab.client.close()
    }
  },
  180_000 + 10 * SEEDS,
)

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
