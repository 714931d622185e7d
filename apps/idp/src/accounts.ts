import type { Account, AccountClaims } from 'oidc-provider'

interface User {
  readonly name: string
  readonly givenName: string
  readonly familyName: string
  readonly email: string
}

const users: ReadonlyMap<string, User> = new Map([
  ['alice', { name: 'Alice Liddell', givenName: 'Alice', familyName: 'Liddell', email: 'alice@example.com' }],
  ['bob', { name: 'Bob Cratchit', givenName: 'Bob', familyName: 'Cratchit', email: 'bob@example.com' }],
])

export const userNames: readonly string[] = [...users.keys()]

/** The user name a person typed, as user name or email address; `null` when nobody is called that. */
export function findUserName(login: string): string | null {
  const wanted = login.trim().toLowerCase()
  for (const [userName, user] of users) {
    if (wanted === userName || wanted === user.email) return userName
  }
  return null
}

/** The account of a user name as `oidc-provider` wants it; `undefined` when there is none. */
export function findAccount(userName: string): Account | undefined {
  const user = users.get(userName)
  if (user === undefined) return undefined
  const claims: AccountClaims = {
    sub: userName,
    name: user.name,
    given_name: user.givenName,
    family_name: user.familyName,
    preferred_username: userName,
    email: user.email,
    email_verified: true,
  }
  return { accountId: userName, claims: () => claims }
}
