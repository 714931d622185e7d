import 'reflect-metadata'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ServedBff, Session } from '@bff/core'
import { expressBff } from '@bff/express'
import { bffPlugin } from '@bff/fastify'
import { describeHttpAdapter, describeWebSocketRelay, type ServedApp } from '@bff/http-testkit'
import { relayWebSockets, undiciUpstream } from '@bff/node'
import { All, Body, Controller, Get, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import express from 'express'
import { test } from 'vitest'
import { BffModule, CurrentSession, OptionalSession, RequireSession } from '../src/index.ts'

const textOf = (body: unknown) => (typeof body === 'string' ? body : '')

@Controller('app')
class AppController {
  @All('echo')
  echo(
    @Req() { method, originalUrl: target }: { method: string; originalUrl: string },
    @Body() body: unknown,
  ) {
    return { method, target, body: textOf(body) }
  }

  @All('guarded')
  @RequireSession()
  guarded(@CurrentSession() { userId: user }: Session, @Body() body: unknown) {
    return { user, body: textOf(body) }
  }

  @Get('optional')
  @OptionalSession()
  optional(@CurrentSession() session: Session | null) {
    return { user: session?.userId ?? null }
  }
}

function moduleOf(bff: ServedBff) {
  // The laws close the BFF.
  const useFactory = () => ({ ...bff, close: async () => {} })
  class AppModule {}
  Module({ imports: [BffModule.forRoot({ useFactory })], controllers: [AppController] })(AppModule)
  return AppModule
}

const quiet = { logger: false, forceCloseConnections: true } as const

async function serveOnExpress(bff: ServedBff): Promise<ServedApp> {
  const app = await NestFactory.create<NestExpressApplication>(moduleOf(bff), new ExpressAdapter(), {
    ...quiet,
    bodyParser: false,
  })
  const { handler } = expressBff(bff)
  app.use('/mounted', handler)
  app.use('/parsed', express.text({ type: () => true }))
  app.use(handler)
  app.use(express.text({ type: () => true }))
  relayWebSockets(app.getHttpServer() as Server, bff)
  return listen(app)
}

async function serveOnFastify(bff: ServedBff): Promise<ServedApp> {
  const app = await NestFactory.create<NestFastifyApplication>(
    moduleOf(bff),
    new FastifyAdapter({ forceCloseConnections: true }),
    { ...quiet, bodyParser: false },
  )
  const instance = app.getHttpAdapter().getInstance()
  instance.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/parsed')) await text(request.raw)
  })
  await app.register(bffPlugin, { bff: { ...bff, close: async () => {} }, webSockets: true })
  instance.removeAllContentTypeParsers()
  instance.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  return listen(app)
}

async function listen(app: NestExpressApplication | NestFastifyApplication): Promise<ServedApp> {
  await app.listen(0, '127.0.0.1')
  const server = app.getHttpServer() as Server
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await app.close()
    },
  }
}

const onExpress = { name: 'Nest on Express', test, serve: serveOnExpress, upstream: undiciUpstream }
const onFastify = { name: 'Nest on Fastify', test, serve: serveOnFastify, upstream: undiciUpstream }
describeHttpAdapter(onExpress)
describeWebSocketRelay(onExpress)
describeHttpAdapter(onFastify)
describeWebSocketRelay(onFastify)
