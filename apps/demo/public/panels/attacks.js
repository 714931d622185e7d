import { element } from '../dom.js'

const PATIENCE_MS = 10_000

/**
 * Attacks that leave the user signed in. Each sends real requests and resolves with its outcome: whether anything was
 * `taken`, what came `back`, and `why`. Without `foreignOrigin` there is no other site to attack from.
 */
export function attacksOf({ callJson, foreignOrigin }) {
  const own = [
    { title: 'A script reads all that this page can read', run: readEverything },
    { title: 'A script calls the API without the header X-CSRF', run: callWithoutHeader },
  ]
  if (foreignOrigin === null) return own
  const from = (attack) => () => fromAnotherSite(attack, { callJson, foreignOrigin })
  return [
    ...own,
    { title: 'Another site posts an order', run: from('plain') },
    { title: 'Another site posts an order with the header X-CSRF', run: from('header') },
    { title: 'Another site posts a form to sign you out', run: from('form') },
  ]
}

async function readEverything() {
  const databases = await indexedDB.databases()
  const found = {
    'document.cookie': document.cookie.length,
    localStorage: localStorage.length,
    sessionStorage: sessionStorage.length,
    IndexedDB: databases.length,
  }
  return {
    taken: Object.values(found).some((count) => count > 0),
    back: Object.entries(found).map(([place, count]) => `${place}: ${count === 0 ? 'empty' : count}`),
    why: 'The cookie is HttpOnly and the tokens are on the server. A script that is in the page can call as you while the page is open, but it finds nothing to take along.',
  }
}

async function callWithoutHeader() {
  const response = await fetch('/api/orders', { method: 'POST', body: '{}' })
  const { error } = await response.json().catch(() => ({}))
  return {
    taken: response.ok,
    back: [`POST /api/orders: ${response.status} ${error ?? ''}`],
    why: 'The browser adds the cookie to any request by itself. So the BFF also requires a header, which a form or a link cannot set.',
  }
}

const WHY = {
  plain:
    'The cookie is SameSite=Strict, so the browser leaves it out of requests that another site makes, and the BFF refuses them without the header too.',
  header:
    'A header of its own makes the browser ask the BFF first. The BFF lets no other origin in, so the order itself is never sent.',
  form: 'A form brings neither the cookie nor the header, so the BFF does not sign anybody out.',
}

/** In words, what the BFF missed. */
const REFUSALS = { header: 'no X-CSRF header' }

/** The other site cannot read what came back, and says so. The server says what arrived. */
async function fromAnotherSite(attack, { callJson, foreignOrigin }) {
  const mark = crypto.randomUUID()
  const { read } = await openForeignPage(foreignOrigin, attack, mark)
  const { calls } = await callJson(`/bff/demo/marked/${mark}`)
  return {
    taken: read !== null || calls.some(({ status, method }) => method === 'POST' && status < 400),
    back: [
      ...calls.map(lineOf),
      ...(calls.some(({ method }) => method === 'POST') ? [] : ['POST: the browser did not send it']),
      `The other site read: ${read ?? 'nothing'}`,
    ],
    why: WHY[attack],
  }
}

function lineOf({ method, path, status, cookies, site, refusedFor }) {
  const cookie = cookies.length === 0 ? 'without a cookie' : `with the cookie ${cookies.join(', ')}`
  const reason = refusedFor === null ? '' : `, refused: ${REFUSALS[refusedFor] ?? refusedFor}`
  return `${method} ${path}, ${site ?? 'unknown site'}, ${cookie}: ${status}${reason}`
}

function openForeignPage(foreignOrigin, attack, mark) {
  const query = new URLSearchParams({ attack, mark, target: location.origin })
  const frame = element('iframe', {
    src: `${foreignOrigin}/?${query}`,
    title: 'Another site, which attacks this one',
    hidden: true,
  })
  const closing = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers()
  const hear = ({ source, origin, data }) => {
    if (source === frame.contentWindow && origin === foreignOrigin) resolve(data)
  }
  addEventListener('message', hear, { signal: closing.signal })
  const patience = setTimeout(
    () => reject(Object.assign(new Error('The other site did not load.'), { code: 'foreign_page' })),
    PATIENCE_MS,
  )
  document.body.append(frame)
  return promise.finally(() => {
    clearTimeout(patience)
    closing.abort()
    frame.remove()
  })
}
