import { BffError, type ServedBff } from '@bff/core'
import { deliverReply } from '@bff/node'
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common'
import { nodeResponse } from './host-request.ts'
import { BFF } from './token.ts'

/** The part of Fastify's reply that is used here. Express's response has no `hijack`. */
interface Hijackable {
  hijack?(): void
  getHeaders?(): Readonly<Record<string, number | string | readonly string[] | undefined>>
}

/** Answers the errors of the BFF as the BFF does, with their status, headers and body. */
@Catch(BffError)
export class BffErrorFilter implements ExceptionFilter<BffError> {
  @Inject(BFF) private readonly bff!: ServedBff

  async catch(error: BffError, host: ArgumentsHost): Promise<void> {
    // WebSocket gateways, GraphQL and microservices have answers of their own.
    if (host.getType() !== 'http') throw error
    const response = nodeResponse(host)
    const reply = host.switchToHttp().getResponse<Hijackable>()
    if (reply.hijack !== undefined) {
      // A response that has begun cannot take them: `deliverReply` then closes the connection.
      const headers = response.headersSent ? {} : (reply.getHeaders?.() ?? {})
      for (const [name, value] of Object.entries(headers))
        if (value !== undefined) response.setHeader(name, value)
      reply.hijack()
    }
    await deliverReply(this.bff, this.bff.errorReply(error), response)
  }
}
