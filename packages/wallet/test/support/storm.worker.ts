import type { Stores } from '@bff/core'
import type { Order } from '../storm.test.ts'
import { createInstance, postTo } from './instance.ts'
import { openStore } from './stores.ts'

/** One of the processes that use one challenge or one refresh token at once. */
let store: Stores | null = null

async function obey(order: Order): Promise<unknown> {
  if (order.do === 'open') {
    store = openStore(order.engine, order.address)
    // Connected before the storm begins.
    return store.ttl.get('warm')
  }
  if (store === null) throw new Error('No store was opened.')
  if (order.do === 'close') return store.sessions.close()
  const bff = createInstance(store, order.options)
  const post = () => postTo(bff, order.path, order.body)
  return Promise.all(Array.from({ length: order.times }, post))
}

process.on('message', async (order: Order) => {
  process.send?.((await obey(order)) ?? null)
})
process.send?.('ready')
