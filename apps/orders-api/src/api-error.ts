/** A refusal the caller gets to read: `{"error","message"}` with its status and headers. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string | string[]>>

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string | string[]>> = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.headers = headers
  }
}
