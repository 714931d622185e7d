import type { Bff, GuardOptions } from '../contracts/bff.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { refusalFor } from '../internal/http/refusal.ts'
import { errorReply } from '../internal/http/replies.ts'

type Chunks = AsyncIterable<Uint8Array>

/** Where a frontend is. */
export interface Place {
  /** What its paths begin with; empty for `/`. */
  readonly path: string
  /** The same in lower case. */
  readonly key: string
  /** Each as browsers send it; `null` when they are loaded at run time. */
  readonly hosts: readonly string[] | null
}

/** Refusals say so at once: the frontend may be gone a moment later. */
const leaving = () => new BffError('shutting_down', undefined, { retryAfter: 1 })

/** One BFF of several, and its requests under way. */
export class Frontend<Metadata = Readonly<Record<string, unknown>>> implements Place {
  readonly name: string
  readonly bff: Bff<Metadata>
  readonly path: string
  readonly key: string
  readonly hosts: readonly string[] | null
  #underWay = 0
  #onIdle = () => {}
  /** Ends each response body that is under way. */
  readonly #streams = new Set<() => void>()
  #closed: Promise<void> | undefined

  constructor(name: string, bff: Bff<Metadata>, { path, key, hosts }: Place) {
    this.name = name
    this.bff = bff
    this.path = path
    this.key = key
    this.hosts = hosts
  }

  get isLeaving(): boolean {
    return this.#closed !== undefined
  }

  handle(request: RequestView): Promise<Reply> | undefined {
    const { bff } = this
    if (this.isLeaving)
      return answers(bff, pathOf(request.target))
        ? Promise.resolve(refusalFor(request, errorReply(leaving())))
        : undefined
    const reply = bff.handle(request)
    return reply === undefined ? undefined : this.#followed(reply)
  }

  async getSession(request: RequestView, options?: GuardOptions): Promise<Session<Metadata> | null> {
    return this.#underWayWith(() => this.bff.getSession(request, options))
  }

  async requireSession(request: RequestView, options?: GuardOptions): Promise<Session<Metadata>> {
    return this.#underWayWith(() => this.bff.requireSession(request, options))
  }

  /**
   * Takes no more requests, waits for those under way, ends the responses that still run after `limitMs`, and closes the BFF.
   * Idempotent.
   */
  close(limitMs: number, clock: Pick<Clock, 'sleep'>): Promise<void> {
    this.#closed ??= this.#close(limitMs, clock)
    return this.#closed
  }

  async #close(limitMs: number, clock: Pick<Clock, 'sleep'>): Promise<void> {
    if (this.#underWay > 0) {
      const idle = new AbortController()
      this.#onIdle = () => idle.abort()
      await clock.sleep(limitMs, idle.signal).catch(() => {})
      for (const end of this.#streams) end()
    }
    await this.bff.close()
  }

  async #underWayWith<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.isLeaving) throw leaving()
    this.#underWay++
    try {
      return await work()
    } finally {
      this.#ended()
    }
  }

  async #followed(promised: Promise<Reply>): Promise<Reply> {
    this.#underWay++
    let isStream = false
    try {
      const reply = await promised
      const { body } = reply
      isStream = body !== null && typeof body === 'object' && Symbol.asyncIterator in body
      return isStream ? { ...reply, body: this.#stream(body as Chunks) } : reply
    } finally {
      if (!isStream) this.#ended()
    }
  }

  /** The same body. The request is under way until it has ended. */
  #stream(body: Chunks): Chunks {
    const chunks = body[Symbol.asyncIterator]()
    let isCut = false
    const cut = () => {
      isCut = true
      chunks.return?.().catch(() => {})
    }
    this.#streams.add(cut)
    const over = () => {
      if (this.#streams.delete(cut)) this.#ended()
    }
    return {
      [Symbol.asyncIterator]: () => ({
        async next() {
          try {
            const step = await chunks.next()
            if (step.done) over()
            return step
          } catch (error) {
            over()
            throw isCut ? leaving() : error
          }
        },
        async return() {
          over()
          return (await chunks.return?.()) ?? { done: true, value: undefined }
        },
      }),
    }
  }

  #ended(): void {
    if (--this.#underWay === 0) this.#onIdle()
  }
}

/** Whether a path is one of the BFF's own. */
function answers({ paths }: Pick<Bff, 'paths'>, path: string): boolean {
  return paths.some((own) => {
    const below = own.endsWith('/*') ? own.slice(0, -1) : null
    return below === null ? own === path : `${path}/`.startsWith(below)
  })
}
