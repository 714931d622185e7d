import { element } from '../dom.js'
import { attacksOf } from './attacks.js'
import { createCode } from './code.js'
import { outcomeOfCopy } from './copied-jar.js'
import { button, card } from './parts.js'

/** "Try to steal it": `onReplayed` is called with what a copy of the cookie got after the sign-out, and must say it. */
export function createAttacksPanel({ callJson, report, replaying, edition }) {
  const list = element('ol', { id: 'attacks-list', ariaLive: 'polite' })
  const copied = element('ol', { id: 'copied', ariaLive: 'polite' })
  const code = createCode('attacks', edition)
  let foreignOrigin = null
  let run = 0

  async function attack() {
    run += 1
    const own = run
    list.replaceChildren()
    for (const { title, run: attempt } of attacksOf({ callJson, foreignOrigin })) {
      const outcome = await attempt()
      if (own !== run) return
      list.append(itemOf({ title, ...outcome }))
    }
  }

  const { node, heading } = card('attacks', 'Try to steal it')
  const lead = element('p', {
    className: 'lead',
    textContent:
      'Real requests against this session: by a script in this page, by a page of another site (http://127.0.0.1), and with a copy of your cookies.',
  })
  let latest = null
  const buttons = [
    button('Run the attacks', attack, report),
    button(
      'Copy all cookies',
      async () => {
        const copy = await callJson('/bff/demo/copy', { method: 'POST' })
        if (latest !== null) showCopy({ ...latest.view, copy }, latest.ahead)
      },
      report,
    ),
    button(
      'Replay the cookie after signing out',
      () => replaying(() => callJson('/bff/demo/replay', { method: 'POST' })),
      report,
    ),
  ]
  node.append(heading, lead, element('div', { className: 'tools' }, ...buttons), list, copied, code.node)

  function showCopy(view, ahead) {
    const outcome = outcomeOfCopy(view, ahead)
    const text = JSON.stringify(outcome)
    // What has not changed is not read out again.
    if (copied.dataset.shown === text) return
    copied.dataset.shown = text
    copied.replaceChildren(...(outcome === null ? [] : [itemOf(outcome)]))
  }

  function show(view, ahead) {
    latest = { view, ahead }
    foreignOrigin = view.foreignOrigin
    code.show(view.documentsOrigin)
    showCopy(view, ahead)
  }

  /** Also ends the run under way: what it finds is nobody's any more. */
  function forget() {
    run += 1
    latest = null
    delete copied.dataset.shown
    list.replaceChildren()
    copied.replaceChildren()
  }

  return { node, show, forget }
}

function itemOf({ title, taken, verdict = null, back, why }) {
  const chip = element('span', {
    className: taken ? 'chip taken' : 'chip delivered',
    textContent: verdict ?? (taken ? 'Taken' : 'Nothing taken'),
  })
  const head = element('div', { className: 'card-head' }, element('h3', { textContent: title }), chip)
  const lines = back.map((line) => element('li', { className: 'mono', textContent: line.trim() }))
  const item = element('li', {}, head, element('ul', {}, ...lines), element('p', { textContent: why }))
  item.dataset.taken = String(taken)
  return item
}

/** The sentence for a cookie that was sent again after its session had ended. */
export function messageOfReplay({ before, signOut, after }) {
  if (signOut.status >= 400)
    return `The sign-out was refused with ${signOut.status}, so nothing was replayed.`
  const copy = `Copied cookie: ${before.status} while you were signed in, ${after.status} ${after.error ?? ''} after you signed out.`
  return after.status < 400
    ? `${copy} It still opens the session.`
    : `${copy} The BFF revoked the session in its store, so a copy of the cookie opens nothing.`
}
