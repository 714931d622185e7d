import { FIRST, type LawsInWorkerd, lawsIn, startWorkerd } from './workerd.ts'

const CLASSES = ['Sessions', 'Retaining', 'Mute', 'Upgraded']

/** Starts workerd with two Workers on the objects of the first. */
export default async function startDurableObjects(): Promise<LawsInWorkerd> {
  const objects = CLASSES.map((className) => [className.toUpperCase(), { className, useSQLite: true }])
  const miniflare = await startWorkerd(
    { file: 'durable-objects.worker.ts' },
    { durableObjects: Object.fromEntries(objects) },
    { durableObjects: { SESSIONS: { className: 'Sessions', scriptName: FIRST, useSQLite: true } } },
  )
  return lawsIn(miniflare)
}
