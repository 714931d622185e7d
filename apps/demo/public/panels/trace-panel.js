import { element, timeOf } from '../dom.js'
import { createCode } from './code.js'
import { icon } from './icons.js'
import { card } from './parts.js'

/** Draws the call that reached the API last: names, schemes and times. */
export function createTracePanel({ edition }) {
  const call = element('p', { className: 'soft mono', id: 'trace-title-call' })
  const browser = element('dl', { id: 'trace-browser' })
  const api = element('dl', { id: 'trace-api' })
  const steps = element('ol', { className: 'steps', id: 'trace-steps', ariaLabel: 'How long it took' })
  const code = createCode('trace', edition)
  const { node, heading } = card('trace', 'The last call, as it passed')
  node.append(
    element('div', { className: 'card-head' }, heading, call),
    element(
      'ol',
      { className: 'route' },
      station('page', 'This page sends', browser),
      arrow(),
      station(
        'guard',
        'The BFF',
        element('p', {
          textContent: 'Takes the cookie off, opens the session, adds the token and signs a proof.',
        }),
        'main',
      ),
      arrow(),
      station('server', 'The API receives', api),
    ),
    steps,
    code.node,
  )

  function show({ history: { lastCall }, documentsOrigin }, ahead) {
    code.show(documentsOrigin)
    node.hidden = lastCall === null
    if (lastCall === null) return
    call.textContent = `${lastCall.method} ${lastCall.path} at ${timeOf(lastCall.at - ahead)}`
    browser.replaceChildren(...linesOfPage(lastCall))
    api.replaceChildren(...linesOfApi(lastCall.api))
    steps.replaceChildren(...stepsOf(lastCall))
  }

  function forget() {
    node.hidden = true
    call.textContent = ''
    for (const part of [browser, api, steps]) part.replaceChildren()
  }

  forget()
  return { node, show, forget }
}

function linesOfPage({ cookies, sessionCookie, hasCsrfHeader, hasAuthorization }) {
  const others = cookies.filter((name) => name !== sessionCookie)
  return [
    line('Cookie', sessionCookie === null ? 'none' : `${sessionCookie} = •••`),
    line('X-CSRF', hasCsrfHeader ? 'sent' : 'none'),
    line('Authorization', hasAuthorization ? 'sent' : 'none'),
    // The bound cookie is the app's own. On http://localhost the browser also adds the cookies of other ports.
    ...(others.length === 0 ? [] : [line('Other cookies', others.join(', '))]),
  ]
}

const linesOfApi = ({ hasCookie, scheme, hasProof }) => [
  line('Cookie', hasCookie ? 'sent' : 'none'),
  line('Authorization', scheme === null ? 'none' : `${scheme} •••`),
  line('DPoP', hasProof ? 'proof, signed for this call' : 'none'),
]

function stepsOf(call) {
  const { sentMs, status } = call.api
  const answeredMs = call.api.answeredMs ?? call.durationMs
  const answer = status === null ? 'The API does not answer' : `The API answers ${status}`
  return [
    step('The BFF opens the session', 0, sentMs, call),
    step(answer, sentMs, answeredMs, call),
    step(`The page gets ${call.status}`, answeredMs, call.durationMs, call),
  ]
}

const station = (name, title, content, className = '') =>
  element('li', { className }, element('h3', {}, icon(name), title), content)

function arrow() {
  const node = element('li', { className: 'link' })
  node.setAttribute('aria-hidden', 'true')
  return node
}

const line = (name, value) =>
  element('div', {}, element('dt', { textContent: name }), element('dd', { textContent: value }))

function step(text, fromMs, toMs, { durationMs }) {
  const bar = element('span', { className: 'span' })
  bar.style.marginInlineStart = `${share(fromMs, durationMs)}%`
  bar.style.width = `${share(toMs - fromMs, durationMs)}%`
  const track = element('span', { className: 'track', ariaHidden: 'true' }, bar)
  const time = element('span', { className: 'time', textContent: `${(toMs - fromMs).toFixed(1)} ms` })
  return element('li', {}, element('span', { textContent: text }), track, time)
}

const share = (ms, all) => Math.min(100, (ms / Math.max(all, 0.001)) * 100).toFixed(2)
