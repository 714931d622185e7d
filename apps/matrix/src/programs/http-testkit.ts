import type { HttpAdapterOptions } from '@bff/http-testkit'

export * from '@bff/http-testkit'

/** The apps that a file with laws serves; the laws themselves run in another process. */
export const served = new Map<string, { options: HttpAdapterOptions; webSockets: boolean }>()

export function describeHttpAdapter(options: HttpAdapterOptions): void {
  served.set(options.name, { options, webSockets: served.get(options.name)?.webSockets ?? false })
}

export function describeWebSocketRelay(options: HttpAdapterOptions): void {
  served.set(options.name, { options, webSockets: true })
}
