import type { RequestView } from '../../contracts/request-view.ts'
import { BffError, isBffError } from '../bff-error.ts'

const malformed = (message: string, cause?: unknown) => new BffError('bad_request', message, { cause })

/**
 * Reads the form in a request's body.
 *
 * @throws BffError `bad_request` for another content type or more than `maxBytes`; `body_consumed`
 */
export async function readForm(request: RequestView, maxBytes: number): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.header('content-type') ?? ''))
    throw malformed('The body must be a form: application/x-www-form-urlencoded.')
  return new URLSearchParams(await readText(request, maxBytes))
}

/** What is read of a body that is too large, before its connection is given up. */
const MAX_DISCARDED_BYTES = 16_777_216

/**
 * Reads a request's body as text.
 *
 * It does not stop the source of a body that is too large: that would close the connection before a refusal is written. It discards
 * the rest, because a browser reads no response before it has sent the whole request.
 *
 * @throws BffError `bad_request` for more than `maxBytes`; `body_consumed`
 */
export async function readText(request: RequestView, maxBytes: number): Promise<string> {
  const tooLarge = malformed(`The body may have at most ${maxBytes} bytes.`)
  if (Number(request.header('content-length') ?? 0) > maxBytes) throw tooLarge
  const iterator = request.body()?.[Symbol.asyncIterator]()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const next = await iterator?.next().catch((cause: unknown) => {
      throw isBffError(cause) ? cause : malformed('The request body ended early. Send it again.', cause)
    })
    if (next === undefined || next.done) return text + decoder.decode()
    size += next.value.byteLength
    if (size > maxBytes) {
      if (iterator) discard(iterator).catch(() => {})
      throw tooLarge
    }
    text += decoder.decode(next.value, { stream: true })
  }
}

async function discard(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  for (let left = MAX_DISCARDED_BYTES; left > 0; ) {
    const next = await chunks.next()
    if (next.done) return
    left -= next.value.byteLength
  }
  await chunks.return?.()
}
