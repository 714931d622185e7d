import { createElement, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { createBffClient } from '../src/index.ts'
import { type BffClient, BffProvider, useBffClient, useSession } from '../src/react/index.ts'

const Shown = () => createElement('p', {}, useSession().status)

function Finder({ onFound }: { onFound: (client: BffClient) => void }) {
  onFound(useBffClient())
  return null
}

test('a server renders a page that knows nothing yet, and asks nobody', () => {
  const client = createBffClient({
    fetch: () => {
      throw new Error('Asked.')
    },
  })
  const page = createElement(StrictMode, {}, createElement(BffProvider, { client }, createElement(Shown)))
  expect(renderToString(page)).toBe('<p>unknown</p>')
})

test('without a provider the error names what is missing', () => {
  expect(() => renderToString(createElement(Shown))).toThrow('<BffProvider client={…}>')
})

test('every component gets the same client', () => {
  const client = createBffClient()
  const found: unknown[] = []
  const inner = createElement(Finder, { onFound: (one) => found.push(one) })
  renderToString(createElement(BffProvider, { client }, inner, inner))
  expect(found).toEqual([client, client])
})
