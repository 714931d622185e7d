import type { Kind, Operation, Outcome, SessionHistory } from '../history/history.ts'
import type { Recorder } from '../history/recorder.ts'
import { type Answer, type Sent, send } from './http.ts'

/** The processes that serve one origin, and where it is written down what they answer. */
export interface Site {
  readonly origin: string
  readonly ports: readonly [number, ...number[]]
  readonly recorder: Recorder
  /** The values of all session cookies there were: none may be found in the store or in a log. */
  readonly cookies: Set<string>
}

/** A session cookie; only the label is ever written down. */
export interface SessionCookie {
  readonly label: string
  readonly value: string
}

export const COOKIE_NAME = 'bff'
const REQUESTS: Readonly<Record<Exclude<Kind, 'signIn'>, readonly [Sent['method'], string]>> = {
  call: ['GET', '/api/whoami'],
  session: ['GET', '/bff/session'],
  refresh: ['POST', '/bff/refresh'],
  rotate: ['POST', '/rotate'],
  signOut: ['POST', '/bff/logout'],
}
let labels = 0

/** Gives a cookie a name for the records. */
export const labelled = ({ cookies }: Site, value: string): SessionCookie => {
  labels += 1
  cookies.add(value)
  return { label: `cookie ${labels}`, value }
}

/** Sends one request with a session's cookie, and writes down what came of it. */
export async function ask(
  site: Site,
  session: SessionHistory,
  cookie: SessionCookie,
  kind: Exclude<Kind, 'signIn'>,
  process: number,
  sent: readonly [Sent['method'], string] = REQUESTS[kind],
): Promise<{ readonly operation: Operation; readonly answer: Answer | null }> {
  const { recorder, ports } = site
  const [method, path] = sent
  const begin = recorder.now()
  const answer = await send(ports[process] ?? ports[0], {
    method,
    path,
    headers: { cookie: `${COOKIE_NAME}=${cookie.value}`, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' },
  })
  const operation: Operation = {
    kind,
    process,
    cookie: cookie.label,
    begin,
    end: recorder.now(),
    status: answer?.status ?? 0,
    ...readAnswer(answer),
  }
  session.operations.push(operation)
  return { operation, answer }
}

type Reading = Pick<Operation, 'code' | 'outcome' | 'user' | 'setsCookie'>

function readAnswer(answer: Answer | null): Reading {
  if (answer === null) return { code: null, outcome: 'none', user: null, setsCookie: 'no' }
  const body = parse(answer.body)
  const text = (name: string): string | null => (typeof body[name] === 'string' ? body[name] : null)
  const cookie = sessionCookieOf(answer)
  return {
    code: text('error'),
    outcome: body['authenticated'] === false ? 'ended' : outcomeOf(answer.status, text('error')),
    user: text('sub') ?? text('user_id'),
    setsCookie: cookie === null ? 'no' : cookie === '' ? 'deletes' : 'new',
  }
}

function outcomeOf(status: number, code: string | null): Outcome {
  if (status >= 200 && status < 300) return 'ok'
  // The API's own word: a token that lives seconds may end on its way. It says nothing about the session.
  if (status === 401 && code === 'invalid_token') return 'unavailable'
  if (status === 401) return 'ended'
  return status >= 502 && status <= 504 ? 'unavailable' : 'other'
}

/** The session cookie that an answer sets: empty when it deletes it, `null` when it leaves it alone. */
export function sessionCookieOf({ headers }: Answer): string | null {
  for (const line of headers['set-cookie'] ?? []) {
    const [pair = ''] = line.split(';')
    if (pair.startsWith(`${COOKIE_NAME}=`)) return pair.slice(COOKIE_NAME.length + 1)
  }
  return null
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
