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
  /** Whether another page frames this one. */
  isFramed(): boolean
  /** Random text of 43 base64url characters, and its SHA-256. */
  secret(): Promise<{ readonly verifier: string; readonly challenge: string }>
  /** Opens a window for a sign-in; `null` when the browser blocks it. */
  openWindow(url: string): PopupWindow | null
}

export interface PopupWindow {
  /** Also `true` for a window that a provider's page has cut off from this one. */
  isClosed(): boolean
  focus(): void
  /** Hears what this window, and no other, posts from this page's origin. Returns the function that stops. */
  listen(hear: (message: unknown) => void): () => void
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
  openWindow: (url) => {
    const opened = open(url, 'bff-sign-in', 'popup,width=480,height=640')
    return (
      opened && {
        isClosed: () => opened.closed,
        focus: () => opened.focus(),
        listen: (hear) => {
          const stop = new AbortController()
          const onMessage = ({ source, origin, data }: MessageEvent) =>
            source === opened && origin === location.origin && hear(data)
          addEventListener('message', onMessage, { signal: stop.signal })
          return () => stop.abort()
        },
      }
    )
  },
  isFramed: () => window.parent !== window,
  secret: async () => {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)))
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
    return { verifier, challenge: base64url(new Uint8Array(hash)) }
  },
}

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
