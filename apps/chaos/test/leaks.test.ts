import { expect, it } from 'vitest'
import { leaksIn } from '../src/leaks.ts'

const secrets = { 'the session cookies': ['secret-of-one', 'secret-of-another'] }
const place = (text: string, landmark: string | null = null) => ({
  name: 'the store',
  bytes: Buffer.from(`before ${text} after`),
  landmark,
})

it('nothing is found where nothing is', () => {
  expect(leaksIn([place('handle', 'handle')], secrets)).toEqual([])
})

it('a secret and a signed token are found, and not repeated', () => {
  expect(leaksIn([place('{"id":"secret-of-one"}')], secrets)).toEqual([
    '1 of the session cookies can be read in the store',
  ])
  const token = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.c2ln`
  expect(leaksIn([place(token)], {})).toEqual(['a signed token can be read in the store'])
})

it('a place that lacks what must be there was not read', () => {
  expect(leaksIn([place('', 'handle')], secrets)).toEqual(['the store could not be read'])
})
