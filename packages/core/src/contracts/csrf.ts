export interface CsrfPolicy {
  readonly headerName: string
  readonly headerValue: string
  /** The BFF's own serialised origin. */
  readonly origin: string
  /** Further origins that may call. */
  readonly allowedOrigins: ReadonlySet<string>
}

/**
 * What vouches for a request: `header`, the CSRF header, and that nothing says it comes from elsewhere; `same-origin`, for GET
 * and HEAD, which a browser also sends by itself, that it says the request comes from the BFF's own or an allowed origin; `form`,
 * the same for every method, as a form cannot set a header.
 */
export type CsrfCheck = 'header' | 'same-origin' | 'form'
