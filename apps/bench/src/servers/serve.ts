import type { Server } from 'node:http'

/** What every server answers. */
export const ORDERS = { orders: [{ id: 1, item: 'Coffee', price: 12.5 }], user: 'alice' }

/** The origin it listens on. */
export async function listen(app: Server): Promise<string> {
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  const address = app.address()
  if (address === null || typeof address === 'string') throw new Error('It listens on TCP only.')
  return `http://127.0.0.1:${address.port}`
}
