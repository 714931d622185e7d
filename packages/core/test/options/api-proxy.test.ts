import { testOptions } from '@bff/test-support/options'
import { type ApiProxyOptions, apiProxy } from '../../src/proxy/index.ts'
import { chunksOf, FakeUpstream, startApi, textOf } from '../proxy/support.ts'
import { world } from '../world.ts'

/** What alice gets at a path of the app, from a real API unless the options say otherwise. */
async function got(path: string, options: Partial<ApiProxyOptions>): Promise<string | undefined> {
  const { origin: target } = await startApi((_req, res) => void res.end('over a connection'))
  const { bff, browser } = world({ proxy: apiProxy({ routes: [{ path: '/api', target }], ...options }) })
  const alice = browser()
  await alice.signIn()
  const reply = await bff.handle(alice.view('GET', path))
  return reply && textOf(reply.body)
}

testOptions<ApiProxyOptions>('ApiProxyOptions', {
  routes: {
    set: [{ path: '/stock', target: 'https://stock.internal' }],
    instead: [],
    see: (options) =>
      got('/stock/7', { upstream: new FakeUpstream(({ url }) => ({ body: chunksOf(url) })), ...options }),
    shows: [undefined, 'https://stock.internal/7'],
  },
  upstream: {
    set: new FakeUpstream(() => ({ body: chunksOf('in this process') })),
    see: (options) => got('/api/orders', options),
    shows: ['over a connection', 'in this process'],
  },
})
