/** The part of a browser the client stands on. Nothing of it is touched before it is called: servers render pages too. */
export interface Platform {
  /** Epoch milliseconds. */
  now(): number
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>
  /** Runs `work` later; what it returns cancels that. */
  later(work: () => void, ms: number): () => void
  /** Reaches the other tabs of this origin; `null` where the browser has no such thing. */
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
  /** Someone looks at the page again, or it has a network again. */
  readonly onWake: () => void
  /** The page is put away, to be shown again with the back button. */
  readonly onHide: () => void
  /** It is taken out again. */
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
