export interface CsrfPolicy {
  readonly headerName: string
  readonly headerValue: string
  /** The BFF's own serialised origin. */
  readonly origin: string
  /** More origins that may call. */
  readonly allowedOrigins: ReadonlySet<string>
  /** Whether a form is checked as `header`: no SameSite attribute protects the cookie. @default false */
  readonly headerOnly?: boolean
}

/**
 * How the CSRF check accepts a request.
 *
 * - `header`: it has the CSRF header, and no other header says that it comes from another origin.
 * - `same-origin`: GET and HEAD, which a browser also sends by itself, need no CSRF header when the browser says that they
 *   come from the BFF's own or an allowed origin.
 * - `form`: the same for every method, because a form cannot set a header.
 */
export type CsrfCheck = 'header' | 'same-origin' | 'form'
