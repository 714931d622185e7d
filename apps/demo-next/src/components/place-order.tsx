'use client'

import { messageOfNews } from '@bff/demo/page/messages'
import { useActionState, useEffect } from 'react'
import { type Outcome, placeOrder } from '../actions.ts'

const ITEMS = [
  'Walnut desk lamp',
  'Linen notebook, dotted',
  'Enamel coffee pot',
  'Merino scarf, moss',
  'Brass pencil sharpener',
  'Cast-iron teapot',
  'Wool picnic blanket',
  'Stoneware bowl',
]

const NOTHING: Outcome = { state: 'none' }

/** A form whose server action calls the API; it works before, and without, any script. */
export function PlaceOrder({ onPlaced }: { onPlaced: () => Promise<void> }) {
  const [outcome, place, isPending] = useActionState(placeOrder, NOTHING)
  useEffect(() => {
    if (outcome.state === 'placed') void onPlaced()
  }, [outcome, onPlaced])

  return (
    <form action={place} className="place">
      <h3>Place an order</h3>
      <label>
        Item
        <input
          name="item"
          list="items"
          required
          maxLength={100}
          placeholder="Enamel coffee pot"
          autoComplete="off"
        />
      </label>
      <datalist id="items">
        {ITEMS.map((item) => (
          <option key={item} value={item} />
        ))}
      </datalist>
      <label className="quantity">
        Quantity
        <input name="quantity" type="number" min="1" max="99" defaultValue="1" required />
      </label>
      <button type="submit" disabled={isPending}>
        Place order
      </button>
      <p role="status" className={outcome.state === 'failed' ? 'problem' : 'soft'}>
        {outcome.state === 'placed' && `Order ${outcome.order.id} placed: ${outcome.order.item}`}
        {outcome.state === 'failed' && messageOfNews(outcome.code)}
      </p>
    </form>
  )
}
