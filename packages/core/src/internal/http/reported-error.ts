import type { Emit } from '../../contracts/events.ts'
import type { Reply } from '../../contracts/reply.ts'
import { isBffError } from '../bff-error.ts'
import { forLog } from '../for-log.ts'
import { errorReply } from './replies.ts'

/** Makes a function that returns the reply for an error, and reports what an operator should know of it. */
export const createErrorReply =
  (emit: Emit) =>
  (error: unknown, path: string): Reply => {
    const code = isBffError(error) ? error.code : 'internal_error'
    const cause = isBffError(error) && error.cause !== undefined ? error.cause : error
    if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation: forLog(path), cause })
    else if (!isBffError(error) || error.status === 500 || error.status === 503)
      emit({ type: 'request.failed', code, path: forLog(path), cause })
    return errorReply(error)
  }
