import 'reflect-metadata'
import { readFileSync } from 'node:fs'
import { type Bff, createBff, generateEncryptionKey, type Session } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { expressBff } from '@bff/express'
import { BFF, BffModule, CurrentSession, RequireSession } from '@bff/nest'
import { undiciUpstream } from '@bff/node'
import { oidc } from '@bff/oidc'
import { memoryStore } from '@bff/store-memory'
import { Controller, Get, Header, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'

const {
  PORT = '3000',
  ISSUER = 'http://localhost:3001',
  OIDC_CLIENT_ID = 'demo',
  OIDC_CLIENT_SECRET = 'demo-secret-for-this-machine-only',
  API_ORIGIN = 'http://localhost:3002',
  // One of your own (openssl rand -base64 32) keeps sessions readable across restarts, once the store keeps them too.
  BFF_ENCRYPTION_KEY = generateEncryptionKey(),
} = process.env
const origin = `http://localhost:${PORT}`

const bffModule = BffModule.forRoot({
  useFactory: () =>
    createBff({
      origin,
      store: memoryStore(),
      encryptionKeys: [BFF_ENCRYPTION_KEY],
      provider: oidc({
        issuer: ISSUER,
        clientId: OIDC_CLIENT_ID,
        clientSecret: OIDC_CLIENT_SECRET,
        scope: 'openid profile offline_access orders',
        dpop: true,
      }),
      proxy: apiProxy({ routes: [{ path: '/api', target: API_ORIGIN }], upstream: undiciUpstream() }),
    }),
})

const page = readFileSync(new URL('../../page.html', import.meta.url), 'utf8')

@Controller()
class AppController {
  @Get()
  @Header('content-type', 'text/html')
  home() {
    return page
  }

  @Get('profile')
  @RequireSession()
  profile(@CurrentSession() session: Session) {
    return { user: session.userId }
  }
}

@Module({ imports: [bffModule], controllers: [AppController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
app.enableShutdownHooks()
app.use(expressBff(app.get<Bff>(BFF)).handler)
await app.listen(Number(PORT), '127.0.0.1')
console.log(origin)
