import { isBffError } from '@bff/core'

/** Something whoever starts the service can mend; the message says how. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Gives what is made of a variable's value; when that is refused, the message names the variable. */
export function madeFrom<T>(variable: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw isBffError(error, 'invalid_config') ? new StartError(`${variable}: ${error.message}`) : error
  }
}
