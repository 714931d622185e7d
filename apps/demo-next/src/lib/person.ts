import type { Claims, Session } from '@bff/core'

/** The user as the provider told the BFF. */
export interface Person {
  readonly name: string
  readonly givenName: string
  readonly email: string
  readonly initials: string
  readonly claims: Claims
}

export async function personOf(session: Session): Promise<Person> {
  const { claims } = await session.identity()
  const text = (type: string) => (typeof claims[type] === 'string' ? claims[type] : null)
  const name = text('name') ?? session.userId
  return {
    name,
    givenName: text('given_name') ?? name,
    email: text('email') ?? '',
    initials: initialsOf(name),
    claims,
  }
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words
  return letters.map((word) => [...(word ?? '')][0]?.toUpperCase()).join('')
}
