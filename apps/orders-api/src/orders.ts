import { createHash } from 'node:crypto'

export interface Order {
  readonly id: string
  readonly item: string
  readonly quantity: number
  /** Cents. */
  readonly total: number
  readonly currency: 'EUR'
  readonly status: 'placed' | 'packed' | 'shipped' | 'delivered'
  /** ISO 8601. */
  readonly placedAt: string
}

export interface NewOrder {
  readonly item: string
  readonly quantity: number
}

export interface OrderBook {
  /** Newest first. */
  of(sub: string): readonly Order[]
  /** `null`: this user has no such order. */
  find(sub: string, id: string): Order | null
  place(sub: string, order: NewOrder, now: number): Order
}

const MAX_USERS = 1_000
const MAX_ORDERS = 200
const SEED_ORDERS = 6
const DAY_MS = 24 * 60 * 60 * 1000
const FIRST_DAY = Date.UTC(2026, 0, 5)

const catalogue = [
  ['Walnut desk lamp', 8_900],
  ['Linen notebook, dotted', 1_450],
  ['Enamel coffee pot', 3_200],
  ['Merino scarf, moss', 4_750],
  ['Brass pencil sharpener', 1_190],
  ['Cast-iron teapot', 6_400],
  ['Wool picnic blanket', 7_800],
  ['Beeswax candle, pair', 1_650],
  ['Ash wood clothes brush', 2_350],
  ['Stoneware bowl', 1_980],
] as const
const statuses = ['delivered', 'shipped', 'packed', 'placed'] as const

/** Orders in memory: each user begins with a few of their own, always the same for the same `sub`. */
export function createOrderBook(): OrderBook {
  const books = new Map<string, Order[]>()
  let placed = 0

  const bookOf = (sub: string): Order[] => {
    const known = books.get(sub)
    if (known !== undefined) return known
    const oldest = books.size >= MAX_USERS ? books.keys().next().value : undefined
    if (oldest !== undefined) books.delete(oldest)
    const book = seedOrders(sub, SEED_ORDERS)
    books.set(sub, book)
    return book
  }

  return {
    of: bookOf,
    find: (sub, id) => bookOf(sub).find((order) => order.id === id) ?? null,
    place: (sub, { item, quantity }, now) => {
      placed += 1
      const order: Order = {
        id: `N-${String(placed).padStart(5, '0')}`,
        item,
        quantity,
        total: priceOf(item) * quantity,
        currency: 'EUR',
        status: 'placed',
        placedAt: new Date(now).toISOString(),
      }
      const book = bookOf(sub)
      book.unshift(order)
      book.splice(MAX_ORDERS)
      return order
    },
  }
}

/** `count` orders of one user, newest first. */
export function seedOrders(sub: string, count: number): Order[] {
  const seed = createHash('sha256').update(sub).digest()
  return Array.from({ length: count }, (_, index) => seedOrder(seed, index, count)).reverse()
}

function seedOrder(seed: Buffer, index: number, count: number): Order {
  const byte = seed[index % seed.length] ?? 0
  const [item, price] = catalogue[(byte + index) % catalogue.length] ?? catalogue[0]
  const quantity = 1 + (byte % 3)
  const age = count - 1 - index
  return {
    id: `${seed.subarray(0, 2).toString('hex').toUpperCase()}-${String(1001 + index)}`,
    item,
    quantity,
    total: price * quantity,
    currency: 'EUR',
    status: statuses[Math.max(0, 3 - age)] ?? 'delivered',
    placedAt: new Date(FIRST_DAY + index * 9 * DAY_MS + byte * 60_000).toISOString(),
  }
}

const priceOf = (item: string): number => catalogue.find(([name]) => name === item)?.[1] ?? 2_500
