import { timeOf } from '../dom.js'

const WHY = {
  bound:
    'The browser proves every few minutes that it has a key which no copy contains. A thief without the key is refused as soon as the last proof has expired, and you notice nothing.',
  unbound:
    'This browser has bound no session, so a copy of its cookies works until you sign out. Chrome and Edge bind sessions on Windows and macOS; the README says how to start Chromium on Linux.',
  http: 'On plain http no browser binds a session, so a copy of its cookies works until you sign out. Start the demo with --https.',
}

/** What a copy of all cookies has got so far, as an outcome of an attack; `null` when none was made. */
export function outcomeOfCopy({ copy, isBound }, ahead) {
  if (copy === null) return null
  const { alone, all, again, later } = copy
  const time = timeOf(again - ahead)
  return {
    title: 'A thief copies all your cookies to another browser',
    taken: later === null ? true : later.status < 400,
    verdict: later === null && isBound ? `Good until ${time}` : null,
    back: [
      `The session cookie alone: ${linesOf(alone)}`,
      `All cookies, at once: ${linesOf(all)}`,
      `All cookies, at ${time}: ${later === null ? 'not sent yet' : linesOf(later)}`,
    ],
    why: WHY[isBound === null ? 'http' : isBound ? 'bound' : 'unbound'],
  }
}

const linesOf = ({ status, error }) => (error === null ? String(status) : `${status} ${error}`)
