/**
 * Refuses an option that does not exist: a typo must not become a silent default.
 *
 * @throws TypeError naming the option and the known ones
 */
export function refuseUnknown(of: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`Unknown option ${unknown} of ${of}. Known options are: ${known.join(', ')}.`)
}
