import type { RequestView } from '../contracts/request-view.ts'
import type { Range } from '../internal/address.ts'
import { isOriginForm } from '../internal/http/origin-form.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { requestHost } from '../internal/http/request-host.ts'
import type { Frontend } from './frontend.ts'
import { hasReadings, lenient } from './readings.ts'

/** Why a request has no frontend. */
export type NoFrontend = 'unknown_origin' | 'not_found' | 'invalid_path' | 'no_path'

/** The frontends of one host, by the path before their own, in lower case. */
interface AtHost<Metadata> {
  readonly byPath: Map<string, Frontend<Metadata>>
  /** The most segments that a path of them has had. */
  depth: number
}

const newHost = <Metadata>(): AtHost<Metadata> => ({ byPath: new Map(), depth: 0 })

/** Which frontend a request is for: by its host first, then by the longest path. */
export class FrontendTable<Metadata> {
  readonly #trusted: readonly Range[] | null
  readonly #hosts = new Map<string, AtHost<Metadata>>()
  /** Those that load their origins, for every host that no other one has. */
  readonly #others = newHost<Metadata>()

  constructor(trusted: readonly Range[] | null) {
    this.#trusted = trusted
  }

  /** Returns the frontend that has one of the places of this one. */
  taken(frontend: Frontend<Metadata>): Frontend<Metadata> | undefined {
    return this.#placesOf(frontend)
      .map((at) => at?.byPath.get(frontend.key))
      .find((other) => other !== undefined)
  }

  add(frontend: Frontend<Metadata>): void {
    for (const host of frontend.hosts ?? []) if (!this.#hosts.has(host)) this.#hosts.set(host, newHost())
    for (const at of this.#placesOf(frontend)) {
      at?.byPath.set(frontend.key, frontend)
      if (at !== undefined) at.depth = Math.max(at.depth, frontend.key.split('/').length - 1)
    }
  }

  remove(frontend: Frontend<Metadata>): void {
    for (const at of this.#placesOf(frontend)) at?.byPath.delete(frontend.key)
    for (const host of frontend.hosts ?? [])
      if (this.#hosts.get(host)?.byPath.size === 0) this.#hosts.delete(host)
  }

  /** Returns the frontend of a request, or the reason that it has no frontend. */
  find(request: RequestView): Frontend<Metadata> | NoFrontend {
    const at = this.#hostOf(request)
    const { byPath, depth } = at
    if (byPath.size === 0) return 'unknown_origin'
    const path = pathOf(request.target)
    if (path === '') return byPath.size === 1 ? ([...byPath.values()][0] ?? 'not_found') : 'no_path'
    const found = deepest(at, path, (frontend, prefix) => frontend.path === prefix)
    if (depth > 0 && hasReadings(path)) {
      const read = isOriginForm(path) ? lenient(path) : null
      // What another reader takes for a path of another frontend must not get the session of this one.
      if (read === null || deepest(at, read) !== found) return 'invalid_path'
    }
    return found ?? 'not_found'
  }

  /** Whether the host of a request is one of this frontend's. */
  isAt(request: RequestView, frontend: Frontend<Metadata>): boolean {
    return this.#hostOf(request).byPath.get(frontend.key) === frontend
  }

  #hostOf(request: RequestView): AtHost<Metadata> {
    const host = requestHost(request, this.#trusted)
    return (host === null ? undefined : this.#hosts.get(host)) ?? this.#others
  }

  #placesOf({ hosts }: Frontend<Metadata>): Array<AtHost<Metadata> | undefined> {
    return hosts === null ? [this.#others] : hosts.map((host) => this.#hosts.get(host))
  }
}

/** The frontend with the longest path that begins `path`. */
function deepest<Metadata>(
  { byPath, depth }: AtHost<Metadata>,
  path: string,
  matches: (frontend: Frontend<Metadata>, prefix: string) => boolean = () => true,
): Frontend<Metadata> | undefined {
  let found = byPath.get('')
  for (let end = 0, left = depth; left > 0 && end !== -1; left--) {
    end = path.indexOf('/', end + 1)
    const prefix = end === -1 ? path : path.slice(0, end)
    const frontend = byPath.get(prefix.toLowerCase())
    if (frontend !== undefined && matches(frontend, prefix)) found = frontend
  }
  return found
}
