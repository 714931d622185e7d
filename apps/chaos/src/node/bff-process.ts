import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Notice, Order, ProcessSettings, Usage } from './protocol.ts'

/** One BFF, in a process that can be killed, stopped and started again on its port. */
export interface BffProcess {
  readonly port: number
  readonly isRunning: boolean
  readonly leases: Readonly<Record<'taken' | 'refused', number>>
  /** Events it emitted, by type. */
  readonly events: ReadonlyMap<string, number>
  /** All it wrote to standard output and standard error. */
  output(): string
  /** The events it emitted last, as a log would show them. */
  eventLog(): string
  /** Starts it, with other settings or another version's program if they are given. Resolves when it listens. */
  start(changes?: Partial<ProcessSettings>, program?: string): Promise<void>
  /** Ends it as a crash does. */
  kill(): Promise<void>
  /** Lets it finish what it does. */
  stop(): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
  /** Sets its clock forward, or back. */
  stepClock(ms: number): void
  /** Zeros while it does not run. */
  usage(): Promise<Usage>
  /** Called at each attempt at a lease of a refresh. */
  onLease: (outcome: 'taken' | 'refused') => void
  /** Called when it could not run for so many milliseconds. */
  onStall: (ms: number) => void
  /** How often it ended though nobody had asked it to. */
  readonly crashes: number
}

const MAX_OUTPUT = 1_000_000
const STOP_MS = 15_000
const NOTHING: Usage = { residentBytes: 0, descriptors: 0 }

export function bffProcess(initialProgram: string, initial: ProcessSettings): BffProcess {
  let settings = initial
  let program = initialProgram
  let child: ChildProcess | null = null
  let isEnding = false
  let said = ''
  let eventLog = ''
  const leases = { taken: 0, refused: 0 }
  const events = new Map<string, number>()

  const isRunning = () => child !== null && child.exitCode === null && child.signalCode === null
  const send = (order: Order) => {
    if (child?.connected) child.send(order)
  }
  const gone = async () => {
    if (child !== null && isRunning()) await once(child, 'exit')
  }

  const self = {
    port: initial.port,
    leases,
    events,
    crashes: 0,
    onLease: (_outcome: 'taken' | 'refused') => {},
    onStall: (_ms: number) => {},
    get isRunning() {
      return isRunning()
    },
    output: () => said,
    eventLog: () => eventLog,

    async start(changes: Partial<ProcessSettings> = {}, next: string = program) {
      settings = { ...settings, ...changes }
      program = next
      isEnding = false
      const started = fork(program, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] })
      child = started
      for (const stream of [started.stdout, started.stderr])
        stream?.on('data', (chunk: Buffer) => {
          said = (said + chunk.toString()).slice(-MAX_OUTPUT)
        })
      await new Promise<void>((resolve, reject) => {
        started.on('message', (notice: Notice) => {
          if ('ready' in notice) resolve()
          else if ('event' in notice) {
            events.set(notice.event, (events.get(notice.event) ?? 0) + 1)
            eventLog = (eventLog + notice.text).slice(-MAX_OUTPUT)
          } else if ('stalledMs' in notice) self.onStall(notice.stalledMs)
          else if ('lease' in notice) {
            leases[notice.lease] += 1
            self.onLease(notice.lease)
          }
        })
        started.once('exit', (code) => {
          if (!isEnding) self.crashes += 1
          reject(new Error(`A BFF process ended with ${code} before it listened: ${said.slice(-2000)}`))
        })
        send({ start: settings })
      })
    },

    async kill() {
      isEnding = true
      child?.kill('SIGKILL')
      await gone()
    },

    async stop() {
      isEnding = true
      child?.kill('SIGCONT')
      child?.kill('SIGTERM')
      const late = setTimeout(() => child?.kill('SIGKILL'), STOP_MS)
      await gone()
      clearTimeout(late)
    },

    signal: (signal: 'SIGSTOP' | 'SIGCONT') => void child?.kill(signal),
    stepClock: (ms: number) => send({ stepClockMs: ms }),

    async usage() {
      const current = child
      if (current === null || !isRunning()) return NOTHING
      return new Promise<Usage>((resolve) => {
        const answer = (usage: Usage) => {
          current.off('message', hear)
          current.off('exit', exited)
          resolve(usage)
        }
        const hear = (notice: Notice) => {
          if ('usage' in notice) answer(notice.usage)
        }
        const exited = () => answer(NOTHING)
        current.on('message', hear)
        current.on('exit', exited)
        send({ usage: true })
      })
    },
  }
  return self
}
