/** Something whoever starts the service can mend; the message says how. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
