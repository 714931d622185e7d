import type { Attachable } from './attachable.ts'
import type { RequestView } from './request-view.ts'

/** The origins of a BFF that has several: `origins()` of `@bff/core/origins` makes one. */
export interface OriginSource extends Attachable {
  /** The origin for what is not about a request. Every other one has its scheme. */
  readonly main: string
  /** All of them, `main` among them. Absent: they are not known ahead of a request. */
  readonly listed?: readonly string[]
  /**
   * Returns the origin that a request came to; `null` when its host is not the app's.
   *
   * @throws BffError `store_unavailable` when it could not be loaded
   */
  find(request: RequestView): string | null | Promise<string | null>
}
