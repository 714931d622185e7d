import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import BetterSqlite3 from 'better-sqlite3'
import express from 'express'
import fastify from 'fastify'
import { Redis } from 'ioredis'
import postgres from 'postgres'
import type { Surroundings } from '../protocol.ts'
import type { Peer } from './bff.ts'
import { ORDERS } from './serve.ts'
import { USER } from './user.ts'

type User = typeof USER
type Read = (key: string) => Promise<User | null> | User | null

const SESSION = 'alice-session'
const COOKIE = `sid=${SESSION}`
const keyOf = (id: string) => createHash('sha256').update(id).digest('base64url')

/** The limit: the least that finds a session by a cookie, with the client that our store uses. */
const READS: Record<'Redis' | 'SQLite' | 'Postgres', (surroundings: Surroundings) => Promise<Read>> = {
  async Redis({ redis = '' }) {
    const client = new Redis(redis)
    await client.set(`hand:${keyOf(SESSION)}`, JSON.stringify(USER))
    return async (key) => {
      const stored = await client.get(`hand:${key}`)
      return stored === null ? null : JSON.parse(stored)
    }
  },

  async SQLite({ sqlite = '' }) {
    const database = new BetterSqlite3(sqlite)
    database.exec(TABLE)
    const { userId, name, email, accessToken } = USER
    database
      .prepare('insert or replace into hand_sessions values (?, ?, ?, ?, ?)')
      .run(keyOf(SESSION), userId, name, email, accessToken)
    const select = database.prepare('select * from hand_sessions where id = ?')
    return (key) => userOf(select.get(key) as Row | undefined)
  },

  async Postgres({ postgres: url = '' }) {
    const sql = postgres(url, { onnotice: () => {} })
    await sql.unsafe(TABLE)
    const { userId, name, email, accessToken } = USER
    await sql`insert into hand_sessions values (${keyOf(SESSION)}, ${userId}, ${name}, ${email}, ${accessToken})
      on conflict do nothing`
    return async (key) => userOf((await sql<Row[]>`select * from hand_sessions where id = ${key}`)[0])
  },
}

const TABLE =
  'create table if not exists hand_sessions (id text primary key, user_id text, name text, email text, access_token text)'

interface Row {
  readonly user_id: string
  readonly name: string
  readonly email: string
  readonly access_token: string
}

const userOf = (row: Row | undefined): User | null =>
  row === undefined
    ? null
    : { userId: row.user_id, name: row.name, email: row.email, accessToken: row.access_token }

function finderOf(read: Read) {
  return (header = '') => {
    const id = /(?:^|; )sid=([^;]+)/.exec(header)?.[1]
    return id === undefined ? null : read(keyOf(id))
  }
}

const onFastify =
  (kind: keyof typeof READS): Peer =>
  async (surroundings) => {
    const find = finderOf(await READS[kind](surroundings))
    const app = fastify()
    app.get('/orders', async (request, reply) => {
      const user = await find(request.headers.cookie)
      return user === null ? reply.code(401).send() : { ...ORDERS, user: user.userId }
    })
    app.get('/orders-with-token', async (request, reply) => {
      const user = await find(request.headers.cookie)
      return user === null ? reply.code(401).send() : { ...ORDERS, token: user.accessToken.length }
    })
    await app.ready()
    return { app: createServer(app.routing), cookie: COOKIE }
  }

const onExpress =
  (kind: keyof typeof READS): Peer =>
  async (surroundings) => {
    const find = finderOf(await READS[kind](surroundings))
    const app = express()
    app.get('/orders', async (req, res) => {
      const user = await find(req.headers.cookie)
      if (user === null) res.status(401).end()
      else res.json({ ...ORDERS, user: user.userId })
    })
    return { app: createServer(app), cookie: COOKIE }
  }

export const BY_HAND: Readonly<Record<string, Peer>> = {
  'fastify by hand, Redis': onFastify('Redis'),
  'fastify by hand, SQLite': onFastify('SQLite'),
  'fastify by hand, Postgres': onFastify('Postgres'),
  'express by hand, Redis': onExpress('Redis'),
}
