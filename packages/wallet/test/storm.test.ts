import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Stores } from '@bff/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInstance, type InstanceOptions, postTo } from './support/instance.ts'
import { signingKeyPem } from './support/keys.ts'
import { ENGINES, type Engine, makeHome, openStore, type StoreHome } from './support/stores.ts'
import { newAccount, siweOf } from './support/world.ts'

/** What a process is told; each is answered. */
export type Order =
  | { readonly do: 'open'; readonly engine: Engine; readonly address: string }
  | {
      readonly do: 'post'
      readonly options: InstanceOptions
      readonly path: string
      readonly body: unknown
      readonly times: number
    }
  | { readonly do: 'close' }

type Outcome = readonly [status: number, body: string]

const WORKER = fileURLToPath(new URL('support/storm.worker.ts', import.meta.url))
/** A hundred uses, over three processes. */
const SHARES = [34, 33, 33]

let workers: ChildProcess[] = []
beforeAll(async () => {
  workers = SHARES.map(() => fork(WORKER, { execArgv: ['--import', 'tsx', '--conditions=@bff/source'] }))
  await Promise.all(workers.map(answerOf))
})
afterAll(() => {
  for (const worker of workers) worker.kill('SIGKILL')
})

async function answerOf(worker: ChildProcess): Promise<unknown> {
  const settled = new AbortController()
  const { signal } = settled
  const ended = once(worker, 'exit', { signal }).then(([code]) => {
    throw new Error(`The process ended with ${code}.`)
  })
  const answered = once(worker, 'message', { signal }).then(([answer]) => answer)
  return Promise.race([answered, ended]).finally(() => settled.abort())
}

/** All processes obey at the same moment. */
async function order(orderFor: (share: number) => Order): Promise<unknown[]> {
  const answers = workers.map(answerOf)
  for (const [index, worker] of workers.entries()) worker.send(orderFor(SHARES[index] ?? 0))
  return Promise.all(answers)
}

describe.each(ENGINES)(
  'one token or challenge, three processes, on %s [JWT-05, JWT-06, flaw 40]',
  (engine) => {
    let home: StoreHome
    let store: Stores

    beforeAll(async () => {
      home = await makeHome(engine)
      const { address } = home
      store = openStore(engine, address)
      await order(() => ({ do: 'open', engine, address }))
    })

    afterAll(async () => {
      await order(() => ({ do: 'close' }))
      await store?.sessions.close()
      await home?.close()
    })

    /** An instance here, and a challenge of its that is answered well. */
    async function answered(reuseGraceMs = 0) {
      const encryptionKey = randomBytes(32).toString('base64')
      const options: InstanceOptions = { encryptionKey, keys: [await signingKeyPem()], reuseGraceMs }
      const bff = createInstance(store, options)
      const post = (path: string, body: unknown) => postTo(bff, path, body)
      const account = newAccount()
      const { token } = JSON.parse((await post('/auth/challenge', {}))[1])
      const signature = await account.signMessage({ message: siweOf(token, account.address) })
      return { options, post, login: { challenge: token, signature, address: account.address } }
    }

    /** All processes send this at once, a hundred times in all. */
    async function hundred(options: InstanceOptions, path: string, body: unknown): Promise<Outcome[]> {
      const outcomes = (
        await order((times) => ({ do: 'post', options, path, body, times }))
      ).flat() as Outcome[]
      expect(outcomes).toHaveLength(100)
      return outcomes
    }

    /** Signs in here; then all processes use the refresh token at once. */
    async function storm(reuseGraceMs: number) {
      const { options, post, login } = await answered(reuseGraceMs)
      const [, pair] = await post('/auth/login', login)
      const { refresh_token: refreshToken } = JSON.parse(pair)
      return { outcomes: await hundred(options, '/auth/refresh', { refresh_token: refreshToken }), post }
    }

    const refreshTokens = (outcomes: readonly Outcome[]): string[] =>
      outcomes.filter(([status]) => status === 200).map(([, body]) => JSON.parse(body).refresh_token)

    it('of 100 answers to one challenge one is good [WAL-02]', async () => {
      const { options, login } = await answered()
      const outcomes = await hundred(options, '/auth/login', login)
      const statuses = outcomes.map(([status]) => status).sort()
      expect(statuses).toEqual([200, ...Array<number>(99).fill(401)])
    })

    it('has one success of 100, then the family is dead', async () => {
      const { outcomes, post } = await storm(0)
      const [winner, ...others] = refreshTokens(outcomes)
      expect([typeof winner, others]).toEqual(['string', []])
      expect(outcomes.filter(([status]) => status === 401)).toHaveLength(99)
      expect((await post('/auth/refresh', { refresh_token: winner }))[0]).toBe(401)
    })

    it('with a grace has one successor for all 100, and it lives', async () => {
      const { outcomes, post } = await storm(60_000)
      const successors = refreshTokens(outcomes)
      expect(successors).toHaveLength(100)
      expect(new Set(successors).size).toBe(1)
      expect((await post('/auth/refresh', { refresh_token: successors[0] }))[0]).toBe(200)
    })
  },
)
