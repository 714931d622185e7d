import { bff, callJson } from './bff.js'
import { byId, timeOf } from './dom.js'
import { isFeedRunning, startFeed, stopFeed } from './feed.js'
import { isSessionEnd, isSessionLost, isVague, messageOf, messageOfCode, messageOfEnd } from './messages.js'
import { banner, clearToasts, log, toast } from './notices.js'
import { downloadOrders, forgetOrders, hasProblem, loadOrders, placeOrder, problem } from './orders.js'
import { createPanels, messageOfReplay } from './panels/index.js'
import { forgetProfile, showProfile } from './profile.js'
import { forgetServerPanel, knownExpiry, loadServerPanel, usePanels } from './server-panel.js'
import { letGo, stopWatching, watchSession } from './session-watch.js'
import { endOthers, endSession, forgetSessions, loadSessions } from './sessions-panel.js'
import { signInWithWallet } from './wallet.js'

const RELOAD_MS = 10_000

let state = 'loading'
/** Why the server has just said that this session is over. */
let endReason = null

function show(next) {
  state = next
  document.body.dataset.state = next
  for (const node of document.querySelectorAll('[data-when]')) node.hidden = node.dataset.when !== next
}

/** What is on the page follows what the client knows. */
function follow({ type, session }) {
  if (type === 'signed-in') return enter(session)
  if (type === 'signed-out') {
    if (endReason === null && isVague(session.reason)) letGo()
    return leave(messageOfState(session))
  }
  if (session.status === 'unknown') {
    forget()
    byId('unreachable-reason').textContent = session.error === null ? '' : messageOfCode(session.error)
    show(session.error === null ? 'loading' : 'unreachable')
  } else if (state === 'signed-in') keepUp(session)
}

function enter(session) {
  forget()
  // Whatever it said, they are signed in now.
  banner(null)
  endReason = null
  showProfile(session.claims)
  showBrowser()
  show('signed-in')
  log(`Signed in as ${session.userId}`)
  watch()
  keepUp(session)
  void reload()
}

/** Another tab may have had the tokens refreshed, or nobody may have been here for long. */
function keepUp({ accessTokenExpiresAt, expiring, expiresAt }) {
  byId('expires-at').textContent = timeOf(expiresAt)
  byId('expiring').hidden = !expiring
  const known = knownExpiry()
  if (known !== null && accessTokenExpiresAt !== known) void attempt(loadServerPanel)
}

/** Nobody is signed in any more: nothing of theirs stays on the page. */
function leave(message = null) {
  forget()
  show('signed-out')
  if (message !== null) banner(message)
}

function messageOfState({ reason }) {
  if (reason === null || reason === 'signed_out') return null
  return messageOfEnd(endReason ?? reason)
}

function watch() {
  void watchSession({
    onEnded: (reason) => {
      endReason = reason
      // The answer takes the cookie away, which opens nothing any more.
      void bff.refetch()
    },
    onChanged: showSessions,
    onLastWord: (reason) => {
      if (state === 'signed-out') banner(messageOfEnd(reason))
    },
  })
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
  byId('expiring').hidden = true
  byId('log').replaceChildren()
  clearToasts()
}

/** Runs something that calls the server, and says so when that fails. `false`: it failed. */
async function attempt(work) {
  try {
    await work()
    return true
  } catch (error) {
    report(error)
    return false
  }
}

/** Says what went wrong with a call. */
function report(error) {
  // That a session is over the client tells, once it is sure.
  if (state !== 'signed-in' || isSessionEnd(error.code)) return
  if (isSessionLost(error.code)) leave(messageOf(error))
  else {
    toast(messageOf(error), 'bad')
    log(messageOf(error), 'bad')
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

/** The provider has a session of its own, unless it was a wallet; its page comes back here. */
async function signOut() {
  // What ends now is no news to this page, and streams that end with it are no failure.
  stopWatching()
  stopFeed()
  const hadWallet = bff.session.userId?.startsWith('eip155:')
  await bff.signOut({ returnTo: hadWallet ? '/?signed-out=here' : '/?signed-out' }).catch((error) => {
    watch()
    throw error
  })
}

/** Signs out here alone, for the server then sends a copy of the cookie again. */
async function signOutAndReplay(replay) {
  stopWatching()
  stopFeed()
  const loot = await replay().catch((error) => {
    watch()
    throw error
  })
  await bff.refetch()
  banner(messageOfReplay(loot), loot.after.status < 400 ? 'bad' : 'good')
}

/** Shows what the address bar says once, and tidies it: a reload should not complain again. */
function readAddress() {
  const query = new URLSearchParams(location.search)
  const code = query.get('error')
  if (code !== null) banner(messageOfCode(code))
  else if (query.get('signed-out') === 'here') banner('You are signed out.', 'good')
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
onPress('wallet-sign-in', async () => {
  banner(null)
  const problem = await signInWithWallet()
  if (problem !== null) banner(problem)
})
onPress('stay', bff.keepAlive)
onPress('try-again', bff.refetch)
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
byId('feed-switch').addEventListener('click', () => (isFeedRunning() ? stopFeed() : attempt(startFeed)))
byId('place').addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = event.submitter
  button.disabled = true
  if (await attempt(() => placeOrder(event.target))) await reload()
  button.disabled = false
})

setInterval(() => {
  if (state === 'signed-in' && byId('auto').checked && !document.hidden) void reload()
}, RELOAD_MS)

const panels = createPanels({ callJson, messageOf, report, replaying: signOutAndReplay, edition: 'fastify' })
for (const name of ['trace', 'attacks', 'outages']) byId(`${name}-panel`).replaceWith(panels[name].node)
usePanels(panels)

readAddress()
show('loading')
bff.subscribe(follow)
