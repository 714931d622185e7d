import 'reflect-metadata'
import { type Bff, BffError, type BffEvent, createBff, type GuardOptions, type Session } from '@bff/core'
import { expressBff } from '@bff/express'
import { bffPlugin } from '@bff/fastify'
import { memoryStore } from '@bff/store-memory'
import { testOptions } from '@bff/test-support/options'
import { Controller, Get, type INestApplication, Inject, Module, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { BFF, BffModule, CurrentSession, OptionalSession, RequireSession } from '../src/index.ts'

const ORIGIN = 'https://app.example.com'
const CSRF = { 'x-csrf': '1' }

@Controller()
class Routes {
  @Inject(BFF) private readonly bff!: Bff

  @Get('open')
  open(@CurrentSession() session: Session | null) {
    return { user: session?.userId ?? null }
  }

  @Get('twice')
  @OptionalSession()
  @RequireSession()
  twice(@CurrentSession() session: Session) {
    return { user: session.userId, origin: this.bff.options.origin }
  }

  @Get('picture')
  @RequireSession({ csrf: 'same-origin' })
  picture(@CurrentSession() session: Session) {
    return { user: session.userId }
  }

  @Get('broken')
  broken() {
    throw new BffError('provider_unavailable', undefined, { retryAfter: 7 })
  }
}

const SETTINGS = Symbol('settings')

@Module({ providers: [{ provide: SETTINGS, useValue: ORIGIN }], exports: [SETTINGS] })
class SettingsModule {}

interface World {
  readonly bff: Bff
  readonly events: readonly BffEvent[]
  readonly reads: () => number
  ask(path: string, headers?: Record<string, string>): Promise<Response>
}

let opened: INestApplication | undefined
afterEach(async () => {
  await opened?.close()
  opened = undefined
})

async function open(host: 'express' | 'fastify'): Promise<World> {
  const events: BffEvent[] = []
  let reads = 0
  const store = memoryStore()
  const get = store.sessions.get.bind(store.sessions)
  store.sessions.get = (handle) => {
    reads++
    return get(handle)
  }
  const bffModule = BffModule.forRoot({
    imports: [SettingsModule],
    inject: [SETTINGS],
    useFactory: (origin: string) =>
      createBff({
        origin,
        store,
        encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
        onEvent: (event) => events.push(event),
      }),
  })
  class AppModule {}
  Module({ imports: [bffModule], controllers: [Routes] })(AppModule)
  const app =
    host === 'express'
      ? await NestFactory.create(AppModule, { logger: false })
      : await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false })
  opened = app
  const bff = app.get<Bff>(BFF)
  if (host === 'express') app.use(expressBff(bff).handler)
  else await (app as NestFastifyApplication).register(bffPlugin, { bff })
  await app.listen(0, '127.0.0.1')
  const origin = await app.getUrl()
  return {
    bff,
    events,
    reads: () => reads,
    ask: (path, headers = {}) => fetch(origin + path, { headers }),
  }
}

async function signIn({ bff }: World): Promise<string> {
  const { cookie } = await bff.sessions.create({ userId: 'alice' })
  return cookie.split(';', 1)[0] ?? ''
}

describe.each(['express', 'fastify'] as const)('on %s', (host) => {
  it('gives the factory what it injects, and the BFF to controllers', async () => {
    const world = await open(host)
    const cookie = await signIn(world)
    const answer = await world.ask('/twice', { cookie, ...CSRF })
    expect(await answer.json()).toEqual({ user: 'alice', origin: ORIGIN })
  })

  it('reads the store once behind two guards', async () => {
    const world = await open(host)
    await world.ask('/twice', { cookie: await signIn(world), ...CSRF })
    expect(world.reads()).toBe(1)
  })

  it('takes the options of a guard', async () => {
    const world = await open(host)
    const cookie = await signIn(world)
    expect((await world.ask('/picture', { cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await world.ask('/picture', { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  })

  it('answers 500 on a route without a guard, and reports why', async () => {
    const world = await open(host)
    const answer = await world.ask('/open', { cookie: await signIn(world) })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('RequireSession')
    const failed = world.events.find(({ type }) => type === 'request.failed')
    expect(failed).toMatchObject({
      code: 'invalid_argument',
      cause: expect.objectContaining({ name: 'BffError' }),
    })
    expect(String((failed as { cause: Error }).cause.message)).toContain('@RequireSession()')
  })

  it('answers an error of the BFF in a route as the BFF does', async () => {
    const world = await open(host)
    const broken = await world.ask('/broken')
    expect([broken.status, broken.headers.get('retry-after'), (await broken.json()).error]).toEqual([
      503,
      '7',
      'provider_unavailable',
    ])
  })

  it('closes the BFF with the app', async () => {
    const world = await open(host)
    await opened?.close()
    opened = undefined
    await expect(
      world.bff.getSession({
        method: 'GET',
        target: '/',
        remoteAddress: undefined,
        header: () => undefined,
        headers: () => [],
        body: () => undefined,
        signal: new AbortController().signal,
      }),
    ).rejects.toMatchObject({ code: 'shutting_down' })
  })
})

/** What a guard with these options answers to a picture of this origin, which comes without the CSRF header. */
async function answerWith(options: GuardOptions): Promise<number> {
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
    onEvent: () => {},
  })
  @Controller()
  class Pictures {
    @Get('picture')
    @RequireSession(options)
    picture() {
      return {}
    }
  }
  class AppModule {}
  const bffModule = BffModule.forRoot({ useFactory: () => bff })
  Module({ imports: [bffModule], controllers: [Pictures] })(AppModule)
  opened = await NestFactory.create(AppModule, { logger: false })
  await opened.listen(0, '127.0.0.1')
  const { cookie } = await bff.sessions.create({ userId: 'alice' })
  const headers = { cookie: cookie.split(';', 1)[0] ?? '', 'sec-fetch-site': 'same-origin' }
  const { status } = await fetch(`${await opened.getUrl()}/picture`, { headers })
  await opened.close()
  opened = undefined
  return status
}

testOptions<GuardOptions>('GuardOptions', {
  csrf: { set: 'same-origin', see: answerWith, shows: [403, 200] },
})

it('closes the connection when an error of the BFF comes after the response has begun, and goes on serving', async () => {
  const bff = createBff({
    origin: ORIGIN,
    store: memoryStore(),
    encryptionKeys: [Buffer.alloc(32, 7).toString('base64')],
    onEvent: () => {},
  })
  @Controller()
  class Streams {
    @Get('begun')
    async begun(@Res() reply: FastifyReply) {
      reply.header('x-early', '1')
      reply.raw.writeHead(200, { 'content-length': '10' })
      reply.raw.write('begun')
      throw new BffError('provider_unavailable')
    }

    @Get('whole')
    whole() {
      return { served: true }
    }
  }
  class AppModule {}
  const bffModule = BffModule.forRoot({ useFactory: () => bff })
  Module({ imports: [bffModule], controllers: [Streams] })(AppModule)
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: false,
  })
  opened = app
  await app.listen(0, '127.0.0.1')
  const origin = await app.getUrl()
  // Vitest fails the run when a rejection is unhandled, as Node would end the process.
  const begun = await fetch(`${origin}/begun`)
  await expect(begun.text()).rejects.toThrow()
  expect(await (await fetch(`${origin}/whole`)).json()).toEqual({ served: true })
})

it('refuses an unknown option with its name', () => {
  const wrong = { scrf: false } as never
  expect(() => RequireSession(wrong)).toThrow(/scrf/)
  expect(() => OptionalSession(wrong)).toThrow(/scrf/)
  expect(() => BffModule.forRoot({ useFactry: () => null } as never)).toThrow(/useFactry/)
})
