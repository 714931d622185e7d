import { BffError } from '@bff/core'
import { expect } from 'vitest'

/** The `BffError` `promise` rejects with; fails the test on anything else. */
export async function failureOf(promise: Promise<unknown>): Promise<BffError> {
  const error = await promise.then(
    () => new Error('It did not fail.'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(BffError)
  if (!(error instanceof BffError)) throw error
  return error
}
