import type { Hooks } from '../contracts/hooks.ts'
import type { NewSession } from '../contracts/new-session.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'

/** A session belongs to the provider that made it: its tokens go there, and its logout tokens come from there. */
const OF_THE_PROVIDER = ['issuer', 'subject', 'provider'] as const

const otherProvider = (fact: string) =>
  `onCreateSession returned another ${fact} than the provider's. Leave it out; return userId for the id of your own.`

/**
 * Returns the session of a sign-in, as the hook `onCreateSession` changes it.
 *
 * @throws BffError `sign_in_refused` when the hook throws another error than a `BffError`, which is thrown unchanged, or
 * names another provider or subject
 */
export async function admit(
  { onCreateSession }: Pick<Hooks<Readonly<Record<string, unknown>>>, 'onCreateSession'>,
  draft: NewSession,
  request: RequestView,
  kept: Readonly<Record<string, string>> = {},
): Promise<NewSession> {
  try {
    const session: NewSession = { ...draft, ...(await onCreateSession?.(draft, request, kept)) }
    for (const fact of OF_THE_PROVIDER)
      if (session[fact] !== draft[fact]) throw new Error(otherProvider(fact))
    return session
  } catch (cause) {
    throw isBffError(cause) ? cause : new BffError('sign_in_refused', undefined, { cause })
  }
}
