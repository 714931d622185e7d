import { type BffClientOptions, createBffClient, type SessionState } from '@bff/client'
import { BffError, type RequestView, type ServedBff, webResponse } from '@bff/core'

/** What a browser says about the request of the page, whose own scripts would say something else. */
const isOfNavigation = (name: string) => name === 'origin' || name.startsWith('sec-')

/** Asks the BFF in this process what a page would ask, with the cookies of the request. */
export const initialSessionOf = (
  { handle, errorReply }: Pick<ServedBff, 'handle' | 'errorReply'>,
  page: RequestView,
  options: BffClientOptions,
): Promise<SessionState> =>
  createBffClient({
    ...options,
    async fetch(path, init) {
      const own = new Headers(init?.headers)
      const reply = handle({
        method: 'GET',
        target: String(path),
        host: page.host,
        remoteAddress: page.remoteAddress,
        signal: page.signal,
        header: (name) => own.get(name) ?? (isOfNavigation(name) ? undefined : page.header(name)),
        headers: () => [...page.headers()].filter(([name]) => !isOfNavigation(name)).concat([...own]),
        body: () => undefined,
      })
      // A `basePath` of the page that is not the BFF's.
      return webResponse(await (reply ?? errorReply(new BffError('not_found'))))
    },
  }).refetch()
