import { setInterval } from 'node:timers/promises'
import { seedOrders } from './orders.ts'

const ROWS_PER_CHUNK = 500
const CSV_HEADER = 'id,item,quantity,total,currency,status,placed_at\r\n'

/** A CSV file, RFC 4180, a few hundred rows at a time. */
export function* csvOf(sub: string, rows: number): Generator<string> {
  yield CSV_HEADER
  const [...samples] = seedOrders(sub, ROWS_PER_CHUNK)
  for (let written = 0; written < rows; written += ROWS_PER_CHUNK) {
    yield samples
      .slice(0, rows - written)
      .map(
        (order, index) =>
          `${order.id}-${written + index + 1},"${order.item}",${order.quantity},${order.total},` +
          `${order.currency},${order.status},${order.placedAt}\r\n`,
      )
      .join('')
  }
}

/** Server-sent events: one at once and one each second, until `signal` aborts. */
export async function* feedOf(sub: string, intervalMs: number, signal: AbortSignal): AsyncGenerator<string> {
  let id = 0
  const event = (): string => {
    id += 1
    return `id: ${id}\nevent: tick\ndata: ${JSON.stringify({ tick: id, sub })}\n\n`
  }
  yield `retry: 2000\n\n${event()}`
  try {
    for await (const _ of setInterval(intervalMs, undefined, { signal })) yield event()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
