import 'reflect-metadata'
import type { Bff, Session } from '@bff/core'
import { expressBff } from '@bff/express'
import { BFF, BffModule, CurrentSession, OptionalSession } from '@bff/nest'
import { Controller, Get, Header, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { makeBff } from './bff.ts'
import { pageFor } from './page.ts'

const { HOST = 'localhost', PORT = '3000' } = process.env

@Controller()
class AppController {
  @Get()
  @OptionalSession()
  @Header('content-type', 'text/html')
  home(@CurrentSession() session: Session | null) {
    return pageFor(session)
  }
}

@Module({
  imports: [BffModule.forRoot({ useFactory: () => makeBff() })],
  controllers: [AppController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
app.enableShutdownHooks()
app.use(expressBff(app.get<Bff>(BFF)).handler)
await app.listen(Number(PORT), HOST)
console.log(`http://localhost:${PORT}`)
