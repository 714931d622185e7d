/** A place where a secret must not be. */
export interface Place {
  readonly name: string
  readonly bytes: Buffer
  /** Something that stands there for certain: a place in which it is missing was not looked at. */
  readonly landmark: string | null
}

/** A signed token in compact form: two parts of JSON in base64url. */
const JWT = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/

/** Where secrets can be read, as sentences. Secrets are given by what they are; no sentence holds one. */
export function leaksIn(
  places: readonly Place[],
  secrets: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  return places.flatMap(({ name, bytes, landmark }) => {
    if (landmark !== null && !bytes.includes(landmark)) return [`${name} could not be read`]
    const found = Object.entries(secrets)
      .map(([what, values]) => [what, values.filter((value) => bytes.includes(value)).length] as const)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} of ${what} can be read in ${name}`)
    return JWT.test(bytes.toString('latin1')) ? [...found, `a signed token can be read in ${name}`] : found
  })
}
