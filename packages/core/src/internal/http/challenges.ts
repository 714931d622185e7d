/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1): scheme and parameter names in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+"
/** One parameter, perhaps behind the scheme that opens its challenge. */
const PARAMETER = new RegExp(`^(?:(${TOKEN})[ \\t]+)?(${TOKEN})[ \\t]*=[ \\t]*(?:(${TOKEN})|"(.*)")$`)
/** A scheme alone, or with a token68. */
const SCHEME = new RegExp(`^(${TOKEN})(?:[ \\t]+[\\w.~+/-]+=*)?$`)

/** Reads the challenges of a `WWW-Authenticate` header; of a parameter that is repeated, the first. */
export function parseChallenges(wwwAuthenticate: string): Challenge[] {
  const challenges: Array<{ scheme: string; parameters: Map<string, string> }> = []
  const open = (scheme: string) => challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
  for (const element of splitList(wwwAuthenticate)) {
    const parameter = PARAMETER.exec(element)
    if (parameter === null) {
      open(SCHEME.exec(element)?.[1] ?? '')
      continue
    }
    const [, opened, name = '', token, quoted] = parameter
    if (opened !== undefined) open(opened)
    const parameters = challenges.at(-1)?.parameters
    const known = name.toLowerCase()
    if (parameters?.has(known) === false)
      parameters.set(known, token ?? quoted?.replace(/\\(.)/g, '$1') ?? '')
  }
  return challenges
}

/** The elements of a comma-separated list; a comma within quotes separates nothing. */
function splitList(list: string): string[] {
  const elements = list.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? []
  return elements.map((element) => element.trim()).filter((element) => element !== '')
}
