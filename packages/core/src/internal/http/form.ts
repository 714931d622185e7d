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

/**
 * Reads a request's body as text.
 *
 * It never stops the source: that would close the connection before a refusal is written.
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
    if (size > maxBytes) throw tooLarge
    text += decoder.decode(next.value, { stream: true })
  }
}
