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

/** `user-0`, `user-1` and so on: as many people as a load test needs. */
const CROWD = /^user-\d{1,6}$/

function findUser(userName: string): User | undefined {
  if (!CROWD.test(userName)) return users.get(userName)
  return { name: userName, givenName: 'User', familyName: userName, email: `${userName}@example.com` }
}

/** The user name a person typed, as user name or email address; `null` when nobody is called that. */
export function findUserName(login: string): string | null {
  const wanted = login.trim().toLowerCase()
  if (CROWD.test(wanted)) return wanted
  for (const [userName, user] of users) {
    if (wanted === userName || wanted === user.email) return userName
  }
  return null
}

/** The account of a user name as `oidc-provider` wants it; `undefined` when there is none. */
export function findAccount(userName: string): Account | undefined {
  const user = findUser(userName)
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
