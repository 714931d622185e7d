import type { Reply } from './reply.ts'
import type { RequestView } from './request-view.ts'

/** One of the BFF's own paths. */
export interface Endpoint {
  /** By method; anything else answers 405. */
  readonly methods: Readonly<Record<string, (request: RequestView, query: URLSearchParams) => Promise<Reply>>>
  /** Methods that carry a defence of their own in place of the CSRF header: navigations, and calls by servers (BFF-10). */
  readonly csrfExempt?: readonly string[]
  /** Whether GET, as a navigation, changes something: there is no HEAD then, which programs send to look. @default false */
  readonly getChanges?: boolean
  /** How often a client may call it; `rateLimit()` of `@bff/core/rate-limit` reads this. @default a bucket shared with others */
  readonly limit?: EndpointLimit
  /**
   * What `openapi()` of `@bff/core/openapi` says of it, by method. Called when the document is asked for, so that it may be
   * loaded only then. @default its path and methods
   */
  describe?(): EndpointDescriptions | Promise<EndpointDescriptions>
}

/** How a rate limit treats an endpoint. */
export interface EndpointLimit {
  /** Names its bucket; endpoints of one name share it. */
  readonly bucket: string
  /** `api` for calls by servers, which may come many at once. @default `person` */
  readonly callers?: 'person' | 'api'
  /** Whether a GET that no person has opened (a prefetch, frame or image) is refused anyway, and so is not counted. @default false */
  readonly ignoreUnopened?: boolean
}

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** By method, as in {@link Endpoint.methods}. */
export type EndpointDescriptions = Readonly<Record<string, EndpointDescription>>

/** What an OpenAPI 3.1 document says of one operation, besides what all have. */
export interface EndpointDescription {
  /** Unique among all operations. */
  readonly operationId: string
  readonly summary: string
  /** Parameter objects (OpenAPI 3.1 §4.8.12). */
  readonly parameters?: readonly Json[]
  /** A request body object (§4.8.13). */
  readonly requestBody?: Json
  /**
   * Response objects by status (§4.8.17). Those of a failed CSRF check (403), a limit (429) and an outage (503) are added.
   * `{ $ref: '#/components/responses/Unauthorized' }` is at hand, and `BadRequest`, `NotFound`, `NotConfigured`, `Redirect`.
   */
  readonly responses: Readonly<Record<string, Json>>
  /** Schemas that the above refer to, by name, for `#/components/schemas`. @default none */
  readonly schemas?: Readonly<Record<string, Json>>
  /** Whether it is about the session of the cookie. */
  readonly session: boolean
}
