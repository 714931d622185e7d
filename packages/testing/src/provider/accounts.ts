import type { Account, AccountClaims } from 'oidc-provider'

/** The claims of each user, by user name; the user name is the `sub`. */
export type Users = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export const DEFAULT_USERS: Users = {
  alice: { name: 'Alice Liddell', given_name: 'Alice', family_name: 'Liddell', email: 'alice@example.com' },
  bob: { name: 'Bob Cratchit', given_name: 'Bob', family_name: 'Cratchit', email: 'bob@example.com' },
}

/** `user-0`, `user-1` and so on: as many users as a load test needs. */
const CROWD = /^user-\d{1,6}$/

export interface Accounts {
  readonly userNames: readonly string[]
  /** The names of all claims that a user has. */
  readonly claimNames: readonly string[]
  /** Returns the user name that was typed, as user name or email address; `null` when there is no such user. */
  findUserName(login: string): string | null
  /** Returns the account of a user name as `oidc-provider` wants it; `undefined` for an unknown user. */
  findAccount(userName: string): Account | undefined
}

export function createAccounts(users: Users): Accounts {
  const byName = new Map(Object.entries(users))

  const claimsOf = (userName: string): AccountClaims | undefined => {
    const own = CROWD.test(userName)
      ? { name: userName, given_name: 'User', family_name: userName, email: `${userName}@example.com` }
      : byName.get(userName)
    return own && { preferred_username: userName, email_verified: 'email' in own, ...own, sub: userName }
  }

  return {
    userNames: [...byName.keys()],
    claimNames: [...new Set([...byName.values()].flatMap(Object.keys))],
    findUserName(login) {
      const wanted = login.trim().toLowerCase()
      if (CROWD.test(wanted)) return wanted
      for (const [userName, { email }] of byName) {
        if (wanted === userName.toLowerCase() || wanted === email) return userName
      }
      return null
    },
    findAccount(userName) {
      const claims = claimsOf(userName)
      return claims && { accountId: userName, claims: () => claims }
    },
  }
}
