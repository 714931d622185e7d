import type { Experiment } from './experiment.ts'

/** Two versions on one store, both ways: an upgrade under load, and the rollback that an operator may need after it. */
export const rollingUpgrade: Experiment = {
  name: 'rolling-upgrade',
  about: 'replaces one process after the other by an earlier version, and then by this one again, under load',
  stores: ['redis', 'postgres', 'mysql', 'sqlite'],
  needsEarlier: true,
  world: { accessTokenLifetime: 5 },
  async run({ world: { processes, recorder }, durationMs, pause, programs, report }) {
    const steps = [programs.earlier, programs.current].flatMap((program) =>
      processes.map((process) => ({ process, program })),
    )
    for (const { process, program } of steps) {
      await recorder.during(
        'replaced process',
        async () => {
          await process.stop()
          await process.start({}, program)
        },
        { stopsProcesses: true },
      )
      await pause(durationMs / steps.length)
    }
    const unread = processes.reduce((sum, { events }) => sum + (events.get('crypto.decrypt_failed') ?? 0), 0)
    if (unread > 0) report('sealed fields lost', `${unread} could not be opened`)
    return { replaced: recorder.faults.filter(({ name }) => name === 'replaced process').length }
  },
}
