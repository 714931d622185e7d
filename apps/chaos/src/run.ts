import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment, Programs, Reached, Scene } from './experiments/experiment.ts'
import { check, type Verdict, type Violation } from './history/check.ts'
import type { Limits } from './history/invariants.ts'
import { leaksIn, type Place } from './leaks.ts'
import { type Load, startLoad, USUAL } from './load/load.ts'
import { seeded } from './random.ts'
import type { StoreName } from './world/store.ts'
import { openWorld, type World } from './world/world.ts'

export interface RunOptions {
  readonly experiment: Experiment
  readonly store: StoreName
  readonly seed: number
  /** How long things are broken, in milliseconds. */
  readonly durationMs: number
  readonly people: number
  readonly programs: Programs
}

/** How a run went. `invalid`: its fault met nothing, so that it proves nothing. */
export interface Result extends Verdict {
  readonly experiment: string
  readonly store: StoreName
  readonly outcome: 'passed' | 'failed' | 'invalid'
  readonly reached: Reached
}

/** A refresh that was answered is stored as long as its lease lasts, by default 30 s, before its request gives up. */
export const LIMITS: Limits = { healMs: 10_000, answerMs: 35_000, letInMs: 0 }
/** Pools that have grown to their limit; faults that leak a connection each leave hundreds. */
const MORE_DESCRIPTORS = 40
const WARM_UP_MS = 2_500
/** How long everybody's first sign-in may take on a busy machine. */
const SIGN_IN_MS = 60_000
/** How long the load goes on after the last fault: long enough to see that all has healed. */
const AFTERWARDS_MS = LIMITS.healMs + 3_000

/** Runs one experiment on one store. */
export async function run(options: RunOptions): Promise<Result> {
  const { experiment, store, seed, durationMs } = options
  const world = await openWorld(options.programs.current, store, experiment.world)
  const random = seeded(seed).fork(`${experiment.name} ${store}`)
  const reported: Violation[] = []
  const report = (invariant: string, sentence: string) =>
    void reported.push({ invariant, sentence, session: null, operation: null })
  try {
    const skews = experiment.world?.skewsMs ?? [0, 0, 0]
    const load = startLoad({
      site: world.site,
      random: random.fork('load'),
      people: options.people,
      profile: { ...USUAL, ...experiment.profile },
      skewMs: Math.max(...skews) - Math.min(...skews),
    })
    await signedIn(load)
    const end = performance.now() + durationMs
    const scene: Scene = {
      world,
      load,
      random: random.fork('faults'),
      durationMs,
      programs: options.programs,
      goesOn: () => performance.now() < end,
      pause: (ms) => sleep(ms),
      report,
    }
    const before = await descriptorsOf(world)
    const reached = await experiment.run(scene)
    await sleep(AFTERWARDS_MS)
    const kept = Math.max(...(await descriptorsOf(world)).map((count, at) => count - (before[at] ?? 0)))
    if (kept > MORE_DESCRIPTORS)
      report(
        'connections are kept',
        `a process has ${kept} more open files and sockets than before the faults`,
      )
    await load.stop()
    await audit(world, experiment, scene)
    const verdict = check(world.recorder, LIMITS)
    const losses = experiment.allowedLosses?.(scene) ?? 0
    const violations = [...reported, ...withoutLosses(verdict, losses)]
    const isReached = Object.values(reached).every((count) => count > 0)
    const outcome = violations.length > 0 ? 'failed' : isReached ? 'passed' : 'invalid'
    return { ...verdict, violations, experiment: experiment.name, store, reached, outcome }
  } finally {
    await world.close()
  }
}

async function descriptorsOf({ processes }: World): Promise<readonly number[]> {
  return Promise.all(processes.map(async (process) => (await process.usage()).descriptors))
}

/** A fault that meets nobody proves nothing. */
async function signedIn({ people }: Load): Promise<void> {
  const limit = performance.now() + SIGN_IN_MS
  while (people.some((person) => person.open().length === 0) && performance.now() < limit) await sleep(50)
  await sleep(WARM_UP_MS)
}

/** What no session's history shows. */
async function audit(world: World, experiment: Experiment, scene: Scene): Promise<void> {
  const { idp, store, processes, recorder } = world
  const reuse = experiment.allowedReuse?.(scene) ?? 0
  if (idp.stats.reuseDetected > reuse)
    scene.report(
      'refresh token used twice',
      `the provider saw ${idp.stats.reuseDetected} refresh tokens a second time`,
    )
  const damage = store.damage()
  if (damage !== null) scene.report('data damaged', damage)
  for (const [index, process] of processes.entries()) {
    if (process.crashes > 0)
      scene.report(
        'process ended',
        `process ${index} ended by itself ${process.crashes} times: ${process.output().slice(-1000)}`,
      )
  }
  for (const leak of leaksOf(world)) scene.report('secret in the open', leak)
  if (recorder.sessions.length === 0) scene.report('no session', 'nobody could sign in')
}

/** A session id: what the store knows it by, and the secret. */
const HANDLE_CHARS = 16

function leaksOf({ site, store, processes, encryptionKey, idp }: World): readonly string[] {
  const cookies = [...site.cookies]
  const places: Place[] = processes.flatMap((process, index) => [
    { name: `the output of process ${index}`, bytes: Buffer.from(process.output()), landmark: null },
    { name: `the events of process ${index}`, bytes: Buffer.from(process.eventLog()), landmark: 'type' },
  ])
  if (store.cluster === null) {
    const landmark = cookies.at(-1)?.slice(0, HANDLE_CHARS) ?? null
    places.push({ name: 'the store', bytes: store.dump(), landmark })
  }
  return leaksIn(places, {
    'the session cookies': cookies.map((cookie) => cookie.slice(HANDLE_CHARS)),
    'the keys': [encryptionKey, idp.clients.basic.clientSecret],
  })
}

/** Sessions that the fault itself may cost are no violation, as long as they are no more than that. */
function withoutLosses({ violations, lost }: Verdict, allowed: number): readonly Violation[] {
  const isLoss = ({ invariant }: Violation) =>
    invariant === 'signed out without an end' || invariant === 'cookie deleted'
  return lost <= allowed && allowed > 0 ? violations.filter((violation) => !isLoss(violation)) : violations
}
