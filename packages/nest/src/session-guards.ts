import { BffError, type GuardOptions, isBffError, type ServedBff, type Session } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  mixin,
  UseGuards,
} from '@nestjs/common'
import { nodeRequest, viewOf } from './host-request.ts'
import { BFF } from './token.ts'

const SESSION: unique symbol = Symbol('@bff/nest session')

type Guarded = object & { [SESSION]?: Session | null }

/**
 * Guards a controller or a route: it passes only signed-in requests with the CSRF header on, and answers all others as the BFF
 * does: 401, 403, or 503 when the store does not answer.
 *
 * @throws BffError `invalid_config` for an unknown option
 * @example
 * ```ts
 * import type { Session } from '@bff/core'
 * import { CurrentSession, RequireSession } from '@bff/nest'
 * import { Controller, Get } from '@nestjs/common'
 *
 * @Controller('profile')
 * @RequireSession()
 * export class ProfileController {
 *   @Get()
 *   profile(@CurrentSession() session: Session) {
 *     return { user: session.userId }
 *   }
 * }
 * ```
 */
export function RequireSession(options: GuardOptions = {}): ClassDecorator & MethodDecorator {
  refuseUnknown('RequireSession()', options, ['csrf'])
  return guard((bff, context) => bff.requireSession(viewOf(context), options))
}

/**
 * Finds the session of a controller's or a route's requests and passes every request on, signed in or not; it answers 503 when
 * the store does not answer. Without `csrf` it makes no CSRF check: do not use it for requests that change something.
 *
 * @throws BffError `invalid_config` for an unknown option
 */
export function OptionalSession(options: GuardOptions = {}): ClassDecorator & MethodDecorator {
  refuseUnknown('OptionalSession()', options, ['csrf'])
  return guard((bff, context) => bff.getSession(viewOf(context), options))
}

/**
 * A parameter of a route handler: the session that {@link RequireSession} found, or the session or `null` that
 * {@link OptionalSession} found. Without one of them the route answers 500, because a forgotten guard must not look like a
 * visitor who is not signed in.
 */
export const CurrentSession: () => ParameterDecorator = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => {
    const session = (nodeRequest(context) as Guarded)[SESSION]
    if (session !== undefined) return session
    throw new BffError(
      'invalid_argument',
      'A session was read on a route without a guard. Add @RequireSession() or @OptionalSession() to the route.',
    )
  },
)

function guard(find: (bff: ServedBff, context: ExecutionContext) => Promise<Session | null>) {
  class SessionGuard implements CanActivate {
    @Inject(BFF) private readonly bff!: ServedBff

    async canActivate(context: ExecutionContext): Promise<boolean> {
      const request: Guarded = nodeRequest(context)
      try {
        request[SESSION] = await find(this.bff, context)
      } catch (cause) {
        throw isBffError(cause) ? cause : new BffError('internal_error', undefined, { cause })
      }
      return true
    }
  }
  return UseGuards(mixin(SessionGuard))
}
