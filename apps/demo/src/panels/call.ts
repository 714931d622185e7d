/** One request to the BFF, as it passed: names, schemes and times, and no value of a cookie, token or proof. */
export interface Call {
  /** When it arrived, epoch milliseconds. */
  readonly at: number
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** The names of the cookies that came with it. */
  readonly cookies: readonly string[]
  /** The one of them that is the session's, or `null`: it did not come. */
  readonly sessionCookie: string | null
  readonly hasCsrfHeader: boolean
  readonly hasAuthorization: boolean
  /** What the browser says about the page that sent it (`Sec-Fetch-Site`), or `null` from other clients. */
  readonly site: string | null
  /** Why it was refused as forged, or `null`. */
  readonly refusedFor: string | null
  readonly status: number
  /** Until the head of the reply was there. */
  readonly durationMs: number
  /** The request the BFF sent to the API for it, or `null`: none was sent. */
  readonly api: ApiCall | null
}

/** The request of the BFF to the API. Times are milliseconds after the call arrived. */
export interface ApiCall {
  readonly url: string
  /** First word of `Authorization`, or `null` when there was none. */
  readonly scheme: string | null
  /** Whether a DPoP proof (RFC 9449) came with it. */
  readonly hasProof: boolean
  readonly hasCookie: boolean
  readonly sentMs: number
  /** When the head of the answer came; `null` with `status`: the API did not answer. */
  readonly answeredMs: number | null
  readonly status: number | null
}
