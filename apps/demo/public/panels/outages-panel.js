import { element } from '../dom.js'
import { createCode } from './code.js'
import { button, card } from './parts.js'

/** What each switch takes down, and what the user does meanwhile. */
const PARTS = {
  api: {
    title: 'The orders API',
    text: 'API down',
    about: 'It drops every connection. The page reads the orders.',
    call: (callJson) => callJson('/api/orders'),
  },
  provider: {
    title: 'The provider',
    text: 'Provider down',
    about: 'It drops every connection. The page asks for new tokens; the old ones stay in use.',
    call: (callJson) => callJson('/bff/refresh', { method: 'POST' }),
  },
  store: {
    title: 'The session store',
    text: 'Store down',
    about: 'It fails every call. The page reads the orders; nobody is signed out.',
    call: (callJson) => callJson('/api/orders'),
  },
}

/** How often the page asks whether a part is back. */
const ASK_MS = 500

/** The failure switches: each takes a part down for some seconds, and shows what the same call says then and afterwards. */
export function createOutagesPanel({ callJson, messageOf, report, edition }) {
  const seconds = element('span')
  const code = createCode('outages', edition)
  const said = {}
  let run = 0

  const outcomeOf = async (part) => {
    try {
      await PARTS[part].call(callJson)
      return 'It works, and you are still signed in.'
    } catch (error) {
      return messageOf(error)
    }
  }
  const say = (part, state, text) => {
    said[part].dataset.state = state
    said[part].textContent = text
  }

  const isDown = async (part) => (await callJson('/bff/demo/outages')).down.includes(part)

  async function takeDown(part) {
    const own = run
    await callJson(`/bff/demo/outages/${part}`, { method: 'POST' })
    const during = await outcomeOf(part)
    if (own === run) say(part, 'down', `Down. You see: “${during}”`)
    while (own === run && (await isDown(part))) await new Promise((resolve) => setTimeout(resolve, ASK_MS))
    if (own !== run) return
    const after = await outcomeOf(part)
    if (own === run) say(part, 'back', `Back. You see: “${after}”`)
  }

  const items = Object.entries(PARTS).map(([part, { title, text, about }]) => {
    said[part] = element('p', { className: 'said', id: `outage-${part}-said`, role: 'status' })
    return element(
      'li',
      {},
      element(
        'div',
        { className: 'card-head' },
        element('h3', { textContent: title }),
        button(text, () => takeDown(part), report),
      ),
      element('p', { textContent: about }),
      said[part],
    )
  })
  const { node, heading } = card('outages', 'Break something')
  const lead = element('p', { className: 'lead' })
  lead.append(
    'Each switch takes one part down for ',
    seconds,
    ' seconds, and brings it back by itself. The page makes a call meanwhile, and again afterwards.',
  )
  node.append(heading, lead, element('ul', {}, ...items), code.node)

  function forget() {
    run += 1
    node.hidden = true
    for (const part of Object.keys(PARTS)) say(part, '', '')
  }

  forget()
  return {
    node,
    forget,
    /** Shows the switches where there are any: an app that runs alone has none. */
    show({ outageMs, documentsOrigin }) {
      code.show(documentsOrigin)
      node.hidden = outageMs === null
      seconds.textContent = outageMs === null ? '' : String(outageMs / 1000)
    },
  }
}
