import { call, callJson } from './bff.js'
import { byId, element, momentOf } from './dom.js'
import { log } from './notices.js'

const BROWSERS = [
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Firefox', /Firefox\//],
  ['Chrome', /Chrome\//],
  ['Safari', /Safari\//],
]
const SYSTEMS = [
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Android', /Android/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
]

/** Shows every session of the user that lives, newest first; `end` is called with the one whose button is pressed. */
export async function loadSessions(end) {
  const { now, sessions } = await callJson('/bff/sessions')
  const ahead = Date.parse(now) - Date.now()
  byId('sessions').replaceChildren(...sessions.map((session) => itemOf(session, ahead, end)))
  byId('end-others').hidden = sessions.length < 2
}

export function forgetSessions() {
  byId('sessions').replaceChildren()
  byId('end-others').hidden = true
}

export async function endSession({ handle, user_agent: userAgent }) {
  await call(`/bff/sessions/${encodeURIComponent(handle)}`, { method: 'DELETE' })
  log(`Signed out ${deviceOf(userAgent)}`, 'good')
}

export async function endOthers() {
  const { revoked } = await callJson('/bff/sessions?except=current', { method: 'DELETE' })
  log(`Signed out everywhere else: ${revoked} ${revoked === 1 ? 'session' : 'sessions'}`, 'good')
}

function itemOf(session, ahead, end) {
  const device = deviceOf(session.user_agent)
  const [begun, lastUsed] = [session.created_at, session.last_used_at].map((time) =>
    momentOf(Date.parse(time) - ahead),
  )
  const used = `Signed in ${begun}, last used ${lastUsed}`
  const about = element(
    'div',
    {},
    element('p', { className: 'device', textContent: device, title: session.user_agent ?? '' }),
    element('p', { className: 'soft', textContent: used }),
  )
  const item = element('li', {}, about, session.current ? thisOne() : button(session, device, end))
  item.dataset.handle = session.handle
  return item
}

const thisOne = () => element('span', { className: 'chip delivered', textContent: 'This browser' })

function button(session, device, end) {
  const node = element('button', {
    type: 'button',
    className: 'quiet',
    textContent: 'Sign out',
    ariaLabel: `Sign out ${device}, signed in ${momentOf(Date.parse(session.created_at))}`,
  })
  node.addEventListener('click', async () => {
    node.disabled = true
    await end(session)
    node.disabled = false
  })
  return node
}

function deviceOf(userAgent) {
  const nameOf = (names) => names.find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0]
  const [browser, system] = [nameOf(BROWSERS), nameOf(SYSTEMS)]
  if (browser === undefined) return userAgent?.split(' ')[0] || 'Unknown device'
  return system === undefined ? browser : `${browser} on ${system}`
}
