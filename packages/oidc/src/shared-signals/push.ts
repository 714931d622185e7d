import { type Endpoint, isBffError, jsonReply, type Reply, type RequestView } from '@bff/core'
import { equalsConstantTime, readText } from '@bff/core/authoring'
import type { Receive } from './receiver.ts'
import { SetRefusal } from './set.ts'

const MAX_BODY_BYTES = 65_536
const EMPTY: Reply['headers'] = [['cache-control', 'no-store']]

/**
 * The endpoint that a transmitter pushes security event tokens to (RFC 8935): 202 for one that is valid, also a second time;
 * 400 with `err` for any other; 401 without the secret of the stream; 503 when it must be sent again.
 */
export function pushEndpoint(receive: Receive, pushToken: string): Endpoint {
  async function take(request: RequestView): Promise<Reply> {
    if (!equalsConstantTime(request.header('authorization') ?? '', `Bearer ${pushToken}`))
      return UNAUTHENTICATED
    if (!/^application\/secevent\+jwt\s*(;|$)/i.test(request.header('content-type') ?? ''))
      return refused(
        new SetRefusal('invalid_request', 'The body must be of the type application/secevent+jwt.'),
      )
    try {
      await receive((await readText(request, MAX_BODY_BYTES)).trim())
      return { status: 202, headers: EMPTY, body: null }
    } catch (error) {
      if (error instanceof SetRefusal) return refused(error)
      if (isBffError(error, 'bad_request')) return refused(new SetRefusal('invalid_request', error.message))
      return jsonReply(503, { error: 'store_unavailable', message: UNSTORED }, [], [['retry-after', '5']])
    }
  }

  return {
    methods: { POST: take },
    // The caller is a server, and its secret and its token are the proof.
    csrfExempt: ['POST'],
    limit: { bucket: 'shared-signals', callers: 'api' },
    describe: () => ({
      POST: {
        operationId: 'bff-shared-signals',
        summary: 'Take a security event token from a transmitter (RFC 8935)',
        requestBody: {
          required: true,
          content: { 'application/secevent+jwt': { schema: { type: 'string' } } },
        },
        responses: {
          202: { description: 'The token is valid. What it asks for is done.' },
          400: { description: 'The token is not valid: `err` and `description` say why.' },
          401: { description: 'The secret of the stream is missing or wrong.' },
        },
        session: false,
      },
    }),
  }
}

const UNSTORED = 'The security event could not be stored. Send it again.'

function refused({ code, message }: SetRefusal, status = 400, extra: Reply['headers'] = []): Reply {
  return jsonReply(status, { err: code, description: message }, [], extra)
}

const UNAUTHENTICATED = refused(
  new SetRefusal('authentication_failed', 'The Authorization header is not the one of this stream.'),
  401,
  [['www-authenticate', 'Bearer']],
)
