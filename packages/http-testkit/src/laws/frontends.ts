import assert from 'node:assert/strict'
import type { Law } from '../harness.ts'
import { ORIGIN } from '../world/law-bff.ts'
import { FRONTENDS, type FrontendName } from '../world/law-frontends.ts'
import { jsonOf, refused } from './expect.ts'

const SEVERAL = { frontends: true }
const NAMES = Object.keys(FRONTENDS) as FrontendName[]
/** How many requests run at once while a frontend is removed. */
const CALLERS = 4

const hostOf = (name: FrontendName) => ({ host: new URL(FRONTENDS[name].origin).host })
const pathIn = (name: FrontendName, path: string) => FRONTENDS[name].path + path

/** HA-97 and HA-98: several BFFs in one app. */
export function frontendLaws(law: Law): void {
  law(
    'HA-97 each of several frontends answers its host and path, with its own sessions',
    async ({ client, api, frontends }) => {
      const own = new Map<FrontendName, string>()
      for (const name of NAMES) {
        await frontends.add(name)
        own.set(name, (await frontends.signIn(name, `user-of-${name}`)).cookie)
      }
      const all = [...own.values()].join('; ')
      for (const name of NAMES) {
        const headers = hostOf(name)
        const session = pathIn(name, '/bff/session')
        const { user_id } = Object(jsonOf(await client.page(session, { headers }, all), 200))
        assert.equal(user_id, `user-of-${name}`)
        const called = await client.page(pathIn(name, '/api/orders'), { headers }, all)
        assert.equal(called.status, 200)
        assert.equal(api.requests.at(-1)?.headers.authorization, `Bearer access-token-of-user-of-${name}`)
        // The value of another one's cookie, under this one's name.
        const [cookieName = ''] = own.get(name)?.split('=') ?? []
        for (const other of NAMES.filter((other) => other !== name)) {
          const foreign = `${cookieName}=${own.get(other)?.split('=')[1]}`
          const answer = await client.page(session, { headers }, foreign)
          assert.deepEqual(jsonOf(answer, 200), { authenticated: false })
        }
      }
      for (const name of ['main', 'other'] as const) {
        const headers = hostOf(name)
        const guarded = await client.page('/app/guarded', { headers }, all)
        assert.deepEqual(jsonOf(guarded, 200), { user: `user-of-${name}`, body: '' })
      }
      const stranger = { host: 'evil.example', 'x-forwarded-host': new URL(ORIGIN).host }
      refused(await client.page('/app/guarded', { headers: stranger }, all), 421, 'unknown_origin')
      const optional = await client.page('/app/optional', { headers: stranger }, all)
      assert.deepEqual(jsonOf(optional, 200), { user: null })
    },
    SEVERAL,
  )

  law(
    'HA-98 a frontend that is removed under load answers as itself or not at all, and the others go on',
    async ({ client, frontends }) => {
      for (const name of NAMES) await frontends.add(name)
      const { cookie: staying } = await frontends.signIn('main', 'stays')
      let leaving = (await frontends.signIn('mounted', 'leaves')).cookie
      const headers = hostOf('main')
      let isOver = false
      const seen = new Set<string>()

      async function calls(path: string, user: string, cookie: () => string): Promise<void> {
        while (!isOver) {
          const answer = await client.page(path, { headers }, `${cookie()}; ${staying}`)
          if (answer.status !== 200) seen.add(`${user} ${answer.status}`)
          else assert.equal(Object(jsonOf(answer, 200)).user_id, user)
        }
      }

      const load = Promise.allSettled(
        Array.from({ length: CALLERS }, (_, at) =>
          at % 2 === 0
            ? calls('/bff/session', 'stays', () => '')
            : calls('/mounted/bff/session', 'leaves', () => leaving),
        ),
      )
      try {
        for (let round = 0; round < 3; round++) {
          await frontends.remove('mounted')
          const gone = await client.page('/mounted/bff/session', { headers }, leaving)
          assert.doesNotMatch(gone.text, /leaves|stays/)
          await frontends.add('mounted')
          // Its sessions are where they were: nothing shared was closed, and nothing was deleted.
          const back = await client.page('/mounted/bff/session', { headers }, leaving)
          assert.equal(Object(jsonOf(back, 200)).user_id, 'leaves')
          leaving = (await frontends.signIn('mounted', 'leaves')).cookie
        }
      } finally {
        isOver = true
      }
      for (const caller of await load) assert.equal(caller.status, 'fulfilled', String(Object(caller).reason))
      assert.deepEqual(
        [...seen].filter((one) => !/^leaves [45]\d\d$/.test(one)),
        [],
      )
    },
    SEVERAL,
  )
}
