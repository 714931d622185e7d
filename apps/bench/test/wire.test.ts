import { startRedis } from '@bff/servers'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { callProblems } from '../src/counted-calls.ts'
import { countCalls } from '../src/wire/counting-proxy.ts'
import { kindOfStatement, postgresStatements } from '../src/wire/postgres-statements.ts'
import { redisCommands } from '../src/wire/redis-commands.ts'

/** Every way to cut the bytes in two, and one byte at a time. */
function* cuts(bytes: Buffer): Generator<readonly Buffer[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  yield [...bytes].map((byte) => Buffer.from([byte]))
}

it('reads Redis commands wherever the chunks of a connection end', () => {
  const value = 'a\r\n$3\r\nGET\r\n'
  const set = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n${value}\r\n`
  const bytes = Buffer.from(`${set}*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`)
  for (const chunks of cuts(bytes)) {
    const commands: string[] = []
    const read = redisCommands((name, argument) => commands.push(`${name} ${argument}`))
    for (const chunk of chunks) read(chunk)
    expect(commands).toEqual(['SET k', 'GET k'])
  }
})

/** A message of the Postgres protocol. */
function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(4 + Buffer.byteLength(body))
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body)])
}

it('reads each executed Postgres statement wherever the chunks of a connection end', () => {
  const bytes = Buffer.concat([
    message('', '\0\x03\0\0user\0postgres\0\0'),
    message('Q', 'begin\0'),
    message('P', 'named\0select 1\0\0\0'),
    message('B', '\0named\0\0\0\0\0\0\0'),
    message('E', '\0\0\0\0\0'),
    message('B', '\0named\0\0\0\0\0\0\0'),
    message('E', '\0\0\0\0\0'),
    message('S', ''),
  ])
  for (const chunks of cuts(bytes)) {
    const statements: string[] = []
    const read = postgresStatements((sql) => statements.push(sql))
    for (const chunk of chunks) read(chunk)
    expect(statements).toEqual(['begin', 'select 1', 'select 1'])
  }
})

it('takes a statement for a write unless it only reads', () => {
  expect(kindOfStatement('select * from bff_sessions where id = $1')).toBe('reads')
  expect(kindOfStatement('with dead as (delete from bff_ttl returning 1) select count(*) from dead')).toBe(
    'writes',
  )
  expect(kindOfStatement(' update bff_sessions set version = 2')).toBe('writes')
  expect(kindOfStatement('select pg_notify($1, $2)')).toBe('other')
})

it('counts what passes to a real Redis, and takes a script for what it calls', async () => {
  const server = await startRedis()
  const proxy = await countCalls('redis', server.url)
  const client = new Redis(proxy.url)
  await client.set('key', 'value')
  expect(await client.get('key')).toBe('value')
  const read = "return redis.call('GET', KEYS[1])"
  const write = "redis.call('GET', KEYS[1]) return redis.call('SET', KEYS[1], 'other')"
  await client.eval(read, 1, 'key')
  await client.eval(write, 1, 'key')
  await client.eval("return redis.call('PUBLISH', 'channel', 'text')", 0)
  const sha = await client.script('LOAD', read)
  expect(await client.evalsha(String(sha), 1, 'key')).toBe('other')
  expect(proxy.calls).toMatchObject({ reads: 3, writes: 2 })
  client.disconnect()
  await proxy.stop()
  await server.stop()
})

it('refuses any read but one, and any write, of a server of ours, and nothing of others', () => {
  const scenario = { kind: 'requests', name: 'orders' } as const
  const problems = (server: string, reads: number, writes: number, provider: number | null = null) =>
    callProblems(server, scenario, { reads, writes, provider }).length
  expect(problems('bff fastify, Redis', 1, 0)).toBe(0)
  expect(problems('bff fastify, Redis', 2, 0)).toBe(1)
  expect(problems('bff fastify, Redis', 0, 0)).toBe(1)
  expect(problems('bff fastify, Redis', 1, 0.005, 0.005)).toBe(2)
  expect(problems('bff fastify, Redis, cache', 0.01, 0)).toBe(0)
  expect(problems('bff fastify, Redis, cache', 1, 0)).toBe(1)
  expect(problems('express-session, Redis', 1, 1)).toBe(0)
  expect(
    callProblems(
      'bff express, Redis',
      { ...scenario, kind: 'sign-ins' },
      { reads: 9, writes: 7, provider: 1 },
    ),
  ).toEqual([])
})
