/** The part of a browser that the client uses. Nothing is read before a call, because servers render pages too. */
export interface Platform {
  /** Epoch milliseconds. */
  now(): number
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /** Runs `work` later. Returns the function that cancels it. */
  later(work: () => void, ms: number): () => void
  /** Opens a channel to the other tabs of this origin; `null` when the browser has no channels. */
  openChannel(name: string, hear: (message: unknown) => void): Channel | null
  listen(listeners: PageListeners): () => void
  isVisible(): boolean
  /** The absolute URL of `input`, as `fetch` reads it. */
  resolve(input: string): URL
  origin(): string
  /** Path, query and fragment of this page. */
  here(): string
  navigate(url: string): void
}

export interface Channel {
  post(message: unknown): void
  close(): void
}

export interface PageListeners {
  /** Called when the page is visible again, or online again. */
  readonly onWake: () => void
  /** Called when the page goes into the back/forward cache. */
  readonly onHide: () => void
  /** Called when the page comes back from it. */
  readonly onRestore: () => void
}

export const browserPlatform: Platform = {
  now: () => Date.now(),
  fetch: (input, init) => fetch(input, init),
  later: (work, ms) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
  openChannel: (name, hear) => {
    if (typeof BroadcastChannel === 'undefined') return null
    const channel = new BroadcastChannel(name)
    channel.onmessage = ({ data }) => hear(data)
    return { post: (message) => channel.postMessage(message), close: () => channel.close() }
  },
  listen: ({ onWake, onHide, onRestore }) => {
    const stop = new AbortController()
    const { signal } = stop
    for (const type of ['visibilitychange', 'focus', 'online'])
      addEventListener(type, () => document.hidden || onWake(), { signal })
    addEventListener('pagehide', ({ persisted }) => persisted && onHide(), { signal })
    addEventListener('pageshow', ({ persisted }) => persisted && onRestore(), { signal })
    return () => stop.abort()
  },
  isVisible: () => !document.hidden,
  resolve: (input) => new URL(input, document.baseURI),
  origin: () => location.origin,
  here: () => location.pathname + location.search + location.hash,
  navigate: (url) => location.assign(url),
}
