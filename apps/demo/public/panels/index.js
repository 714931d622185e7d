import { createAttacksPanel } from './attacks-panel.js'
import { createOutagesPanel } from './outages-panel.js'
import { createTracePanel } from './trace-panel.js'

export { messageOfReplay } from './attacks-panel.js'

/**
 * What a demo shows of itself: each panel is a `node` for the page to place. `show` takes what `GET /bff/demo/server` has
 * answered, and how far the server's clock is ahead, milliseconds; `forget` removes what is the user's.
 *
 * The page gives `callJson`, `messageOf` and `report` for errors, `replaying` for the attack that signs out, and the name
 * of its `edition`: `fastify` or `next`.
 */
export function createPanels(page) {
  const panels = {
    trace: createTracePanel(page),
    attacks: createAttacksPanel(page),
    outages: createOutagesPanel(page),
  }
  return {
    ...panels,
    show: (view, ahead) => {
      for (const panel of Object.values(panels)) panel.show(view, ahead)
    },
    forget: () => {
      for (const panel of Object.values(panels)) panel.forget()
    },
  }
}
