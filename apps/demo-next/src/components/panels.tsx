'use client'

import { messageOf } from '@bff/demo/page/messages'
import { createPanels } from '@bff/demo/page/panels'
import { useCallback, useEffect, useState } from 'react'
import { callJson, leaveAfter } from './page-session.tsx'

interface Loot {
  readonly status: number
  readonly error: string | null
}

interface Replay {
  readonly before: Loot
  readonly signOut: Loot
  readonly after: Loot
}

let say: (problem: string | null) => void = () => {}
let made: ReturnType<typeof createPanels> | null = null

/** The panels that both demos have. They are plain elements, so the page only places them. */
const panels = () => {
  made ??= createPanels({
    callJson,
    messageOf,
    report: (error: unknown) => say(messageOf(error)),
    replaying: (replay: () => Promise<Replay>) => leaveAfter(async () => addressAfter(await replay())),
    edition: 'next',
  })
  return made
}

/** The page it leads to says what the copy of the cookie got. */
const addressAfter = ({ before, signOut, after }: Replay) =>
  `/?replay=${[before.status, signOut.status, after.status, after.error ?? ''].join('-')}`

/** Asks the server what it holds, and shows it. Without an answer the panels stay as they are. */
export async function reloadPanels(): Promise<void> {
  const view = await callJson('/bff/demo/server').catch(() => null)
  if (view !== null) panels().show(view, view.now - Date.now())
}

export function Panel({ name }: { name: 'trace' | 'attacks' | 'outages' }) {
  const place = useCallback((node: HTMLElement | null) => node?.replaceChildren(panels()[name].node), [name])
  return <div className="panel" ref={place} />
}

/** Fills the panels, and says what went wrong in one of them. */
export function PanelsWatch() {
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => {
    say = setProblem
    void reloadPanels()
    return () => panels().forget()
  }, [])
  if (problem === null) return null
  return (
    <p role="alert" className="problem">
      {problem}
    </p>
  )
}
