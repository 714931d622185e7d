import { BffError, jsonReply, type Reply, type RequestView } from '@bff/core'

/** The signature of a wallet that is not deployed yet contains its deployment code. */
const MAX_BODY_BYTES = 64 * 1024

/**
 * Reads the JSON object of a request: `{}` for an empty body, `null` for anything else.
 *
 * @throws BffError `payload_too_large`
 */
export async function readJson(request: RequestView): Promise<Readonly<Record<string, unknown>> | null> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  try {
    for await (const chunk of request.body() ?? []) {
      bytes += chunk.byteLength
      if (bytes > MAX_BODY_BYTES) throw new BffError('payload_too_large')
      text += decoder.decode(chunk, { stream: true })
    }
    text += decoder.decode()
    const value: unknown = text === '' ? {} : JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? { ...value } : null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null
    throw error
  }
}

/** Returns `{"error": text}`, the form of every refusal of these endpoints. */
export const refusal = (status: number, error: string, headers: Reply['headers'] = []): Reply =>
  jsonReply(status, { error }, [], headers)

export const isFilled = (value: unknown): value is string => typeof value === 'string' && value !== ''
