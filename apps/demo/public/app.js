import { callJson } from './bff.js'
import { byId } from './dom.js'
import { isFeedRunning, startFeed, stopFeed } from './feed.js'
import { isSessionEnd, messageOf, messageOfCode, messageOfEnd } from './messages.js'
import { banner, clearToasts, log, toast } from './notices.js'
import { downloadOrders, forgetOrders, hasProblem, loadOrders, placeOrder, problem } from './orders.js'
import { forgetProfile, loadProfile } from './profile.js'
import { forgetServerPanel, knownExpiry, loadServerPanel } from './server-panel.js'
import { stopWatching, watchSession } from './session-watch.js'
import { endOthers, endSession, forgetSessions, loadSessions } from './sessions-panel.js'

const POLL_MS = 15_000
const RELOAD_MS = 10_000
const RETRY_MS = 5_000

let state = 'loading'

function show(next) {
  state = next
  document.body.dataset.state = next
  for (const node of document.querySelectorAll('[data-when]')) node.hidden = node.dataset.when !== next
}

/** Finds out who is signed in. Asking does not keep the session awake. */
async function start() {
  try {
    const session = await callJson('/bff/session?slide=false')
    if (!session.authenticated) return leave()
    await loadProfile()
    showBrowser()
    show('signed-in')
    log(`Signed in as ${session.user_id}`)
    watch()
    await reload()
  } catch (error) {
    if (isSessionEnd(error.code)) return leave(messageOf(error))
    byId('unreachable-reason').textContent = messageOf(error)
    show('unreachable')
  }
}

/** Nobody is signed in any more: nothing of theirs stays on the page. */
function leave(message = null) {
  forget()
  show('signed-out')
  if (message !== null) banner(message)
}

const watch = () => void watchSession({ onEnded: ended, onChanged: showSessions })

/** This session was ended elsewhere, and the server says so at once. */
function ended(reason) {
  leave(messageOfEnd(reason))
  // The answer takes the cookie away, which opens nothing any more.
  callJson('/bff/session?slide=false').catch(() => {})
}

const showSessions = () =>
  attempt(() =>
    loadSessions(async (session) => {
      await attempt(() => endSession(session))
      await showSessions()
    }),
  )

function forget() {
  stopFeed()
  stopWatching()
  forgetSessions()
  forgetProfile()
  forgetOrders()
  forgetServerPanel()
  byId('log').replaceChildren()
  clearToasts()
}

/** Runs something that calls the server, and says so when that fails. `false`: it failed. */
async function attempt(work) {
  try {
    await work()
    return true
  } catch (error) {
    if (state !== 'signed-in') return false
    if (isSessionEnd(error.code)) leave(messageOf(error))
    else {
      toast(messageOf(error), 'bad')
      log(messageOf(error), 'bad')
    }
    return false
  }
}

async function reload() {
  const loaded = await attempt(async () => {
    const failedBefore = hasProblem()
    try {
      await loadOrders()
      if (failedBefore) {
        clearToasts()
        log('The orders API answers again', 'good')
      }
    } catch (error) {
      problem(messageOf(error))
      throw error
    }
  })
  // What the server holds may have changed with any call it made, also one that failed.
  if (state === 'signed-in') await attempt(loadServerPanel)
  showBrowser()
  return loaded
}

function showBrowser() {
  const countOf = (storage) => (storage.length === 0 ? 'empty' : `${storage.length} entries`)
  const shown = {
    'browser-cookie': document.cookie === '' ? 'empty' : document.cookie,
    'browser-local': countOf(localStorage),
    'browser-session': countOf(sessionStorage),
  }
  for (const [id, text] of Object.entries(shown)) {
    byId(id).textContent = text
    byId(id).className = text === 'empty' ? 'good' : 'bad'
  }
}

async function signOut() {
  // What ends now is no news to this page.
  stopWatching()
  const signingOut = callJson('/bff/logout?returnTo=%2F%3Fsigned-out', { method: 'POST' })
  signingOut.catch(watch)
  const { logout_url: url } = await signingOut
  leave()
  // The provider has a session of its own; its page comes back here.
  location.assign(url ?? '/?signed-out')
}

/** Notices what happened elsewhere: signed out, expired, refreshed by another tab. */
async function poll() {
  if (document.hidden || (state !== 'signed-in' && state !== 'signed-out')) return
  const session = await callJson('/bff/session?slide=false').catch(() => null)
  if (session === null) return
  if (state === 'signed-out') {
    if (session.authenticated) await start()
  } else if (!session.authenticated) leave(messageOfCode('session_expired'))
  else if (Date.parse(session.access_token_expires_at) !== knownExpiry()) await attempt(loadServerPanel)
}

/** Shows what the address bar says once, and tidies it: a reload should not complain again. */
function readAddress() {
  const query = new URLSearchParams(location.search)
  const code = query.get('error')
  if (code !== null) banner(messageOfCode(code))
  else if (query.has('signed-out')) banner('You are signed out, here and at the provider.', 'good')
  if (location.search !== '') history.replaceState(null, '', location.pathname)
}

/** Runs `work` when a button is pressed, and not twice at once. */
function onPress(id, work) {
  const button = byId(id)
  button.addEventListener('click', async () => {
    button.disabled = true
    await attempt(work)
    button.disabled = false
  })
}

onPress('sign-out', signOut)
onPress('reload', reload)
onPress('end-others', async () => {
  await endOthers()
  await showSessions()
})
onPress('export', () => downloadOrders(byId('export')))
onPress('refresh', async () => {
  await callJson('/bff/refresh', { method: 'POST' })
  await loadServerPanel()
})
byId('try-again').addEventListener('click', start)
byId('feed-switch').addEventListener('click', () => (isFeedRunning() ? stopFeed() : attempt(startFeed)))
byId('place').addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = event.submitter
  button.disabled = true
  if (await attempt(() => placeOrder(event.target))) await reload()
  button.disabled = false
})

setInterval(poll, POLL_MS)
setInterval(() => {
  if (state === 'signed-in' && byId('auto').checked && !document.hidden) void reload()
}, RELOAD_MS)
setInterval(() => {
  if (state === 'unreachable') void start()
}, RETRY_MS)
document.addEventListener('visibilitychange', poll)

// A page the browser keeps for its back button must not show what was private on it.
window.addEventListener('pagehide', () => {
  forget()
  show('loading')
})
window.addEventListener('pageshow', (event) => {
  if (event.persisted) void start()
})

readAddress()
void start()
