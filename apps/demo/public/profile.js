import { byId, element, fill } from './dom.js'

/** Who is signed in, as the provider told the BFF. */
export function showProfile(claims) {
  const own = claims.filter(({ type }) => !type.startsWith('bff:'))
  const claimOf = (type) => own.find((claim) => claim.type === type)?.value
  const name = String(claimOf('name') ?? shortened(claimOf('address')) ?? claimOf('sub') ?? 'you')
  fill('name', name)
  fill('given-name', String(claimOf('given_name') ?? name))
  fill('initials', initialsOf(name))
  fill('email', String(claimOf('email') ?? ''))
  byId('claims').replaceChildren(...own.map(rowOf))
}

/** An address as wallets show it. */
const shortened = (address) =>
  typeof address === 'string' ? `${address.slice(0, 6)}…${address.slice(-4)}` : null

export function forgetProfile() {
  for (const part of ['name', 'given-name', 'initials', 'email']) fill(part, '')
  byId('claims').replaceChildren()
}

const rowOf = ({ type, value }) =>
  element(
    'div',
    {},
    element('dt', {}, element('code', { textContent: type })),
    element('dd', { textContent: typeof value === 'object' ? JSON.stringify(value) : String(value) }),
  )

function initialsOf(name) {
  if (name.startsWith('0x')) return '0x'
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words
  return letters.map((word) => [...word][0].toUpperCase()).join('')
}
