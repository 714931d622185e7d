import { newKey } from '../world/world.ts'
import type { Experiment } from './experiment.ts'

const SAMPLE_MS = 5_000
/** Growth of one process's memory in a minute; the first minute does not count. */
const MAX_GROWTH_BYTES = 8e6
const WARM_UP_MS = 60_000

/** Key rotation in the order the documents name: a process that lacks a key must not meet it. */
export const soak: Experiment = {
  name: 'soak',
  about: 'rotates the encryption key and restarts one process after the other under load, and watches memory',
  stores: ['redis', 'postgres', 'sqlite'],
  world: { accessTokenLifetime: 5, reuseGrace: 60 },
  async run({ world: { processes, recorder, encryptionKey }, durationMs, goesOn, pause, report }) {
    const key = newKey()
    const restart = async (encryptionKeys: readonly string[]): Promise<void> => {
      for (const process of processes)
        await recorder.during(
          'restarted process',
          async () => {
            await process.stop()
            await process.start({ encryptionKeys })
          },
          { stopsProcesses: true },
        )
    }
    await pause(durationMs / 3)
    // First every process can open what the new key seals, then it seals.
    await restart([encryptionKey, key])
    await restart([key, encryptionKey])
    const samples: { at: number; bytes: number }[] = []
    const start = performance.now()
    while (goesOn()) {
      const at = performance.now() - start
      const usages = await Promise.all(processes.map((process) => process.usage()))
      const bytes = Math.max(...usages.map(({ residentBytes }) => residentBytes))
      if (at > WARM_UP_MS) samples.push({ at, bytes })
      await pause(SAMPLE_MS)
    }
    const slope = slopeOf(samples) * 60_000
    if (slope > MAX_GROWTH_BYTES) report('memory grows', `${Math.round(slope / 1e6)} MB a minute`)
    const broken = processes.reduce((sum, { events }) => sum + (events.get('crypto.decrypt_failed') ?? 0), 0)
    if (broken > 0) report('sealed fields lost', `${broken} could not be opened`)
    return { restarts: recorder.faults.filter(({ name }) => name === 'restarted process').length }
  },
}

/** Bytes in a millisecond, by least squares. */
function slopeOf(samples: readonly { readonly at: number; readonly bytes: number }[]): number {
  if (samples.length < 3) return 0
  const mean = (of: (sample: { at: number; bytes: number }) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [at, bytes] = [mean((sample) => sample.at), mean((sample) => sample.bytes)]
  const covariance = mean((sample) => (sample.at - at) * (sample.bytes - bytes))
  return covariance / mean((sample) => (sample.at - at) ** 2)
}
