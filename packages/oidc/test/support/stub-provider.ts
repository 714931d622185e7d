import type { Fetch } from '../../src/index.ts'
import { json, type Received, type ScriptedProvider } from './scripted-provider.ts'

export interface Manners {
  /** The issuer that the metadata names. */
  readonly issuer: string
  /** Where the metadata is. @default below the issuer */
  readonly metadataUrl?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A `fetch` that finds the scripted provider at the addresses of another one, by their paths. */
export function fetchAs(scripted: ScriptedProvider, { issuer, metadataUrl, metadata }: Manners): Fetch {
  const { origin } = new URL(issuer)
  const place = metadataUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const named = {
    issuer,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/jwks`,
    ...metadata,
  }
  return (url, init) =>
    url === place
      ? Promise.resolve(Response.json(named))
      : fetch(scripted.issuer + new URL(url).pathname, init)
}

/** Makes the token endpoint answer by what it is asked; a text is the error it refuses with. */
export function answerTokens(
  scripted: ScriptedProvider,
  answer: (form: URLSearchParams, request: Received) => Promise<Record<string, unknown> | string>,
): void {
  scripted.on('/token', async (response, request) => {
    const body = await answer(request.form, request)
    return typeof body === 'string'
      ? json(400, { error: body })(response, request)
      : json(200, body)(response, request)
  })
}
