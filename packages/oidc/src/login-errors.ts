import { BffError } from '@bff/core'

/** @param error the provider's own error code, fit for a message */
export function loginRefused(error: string, cause: Error): BffError {
  return new BffError(
    'login_failed',
    `The identity provider did not complete the sign-in (${error}). Start signing in again.`,
    { cause },
  )
}

export function loginInvalid(cause: Error): BffError {
  return new BffError('login_failed', "The identity provider's answer was refused. Start signing in again.", {
    cause,
  })
}
