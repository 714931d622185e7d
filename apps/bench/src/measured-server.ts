import { type ChildProcess, fork } from 'node:child_process'
import { type Load, quantileOf } from './load/load.ts'
import { sendRequests } from './load/requests.ts'
import { signIn, signInOften } from './load/sign-ins.ts'
import type { Order, Ready, Surroundings, Usage } from './protocol.ts'
import type { Scenario } from './scenarios.ts'
import type { Sample } from './summary.ts'

/** One server in a process of its own. */
export interface MeasuredServer {
  readonly origin: string
  ask<Answer>(order: Order): Promise<Answer>
  /** The `Cookie` header of a signed-in browser, the same each time. */
  cookie(): Promise<string>
  /** Sends it so many requests from this process, or signs in so many times. */
  load(scenario: Scenario, times: number, connections: number): Promise<Load>
  /** The same, and what the server needed for it. */
  measure(scenario: Scenario, times: number, connections: number): Promise<Sample>
  stop(): Promise<void>
}

/** @param profile a folder for its CPU profile; empty for none */
export async function startServer(
  program: string,
  name: string,
  surroundings: Surroundings,
  profile = '',
): Promise<MeasuredServer> {
  const child = fork(program, [name, JSON.stringify(surroundings)], {
    execArgv: profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${name}`],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const { origin, cookie: given, login } = await message<Ready>(child, name)
  let signedIn = given

  const self: MeasuredServer = {
    origin,
    ask(order) {
      const answer = message<never>(child, name)
      child.send(order)
      return answer
    },
    async cookie() {
      signedIn ??= await signIn(origin, login ?? '')
      return signedIn
    },
    async load(scenario, times, connections) {
      if (scenario.kind === 'sign-ins') return signInOften(origin, login ?? '', times)
      return sendRequests(origin + scenario.path, await self.cookie(), scenario, {
        requests: times,
        connections,
      })
    },
    async measure(scenario, times, connections) {
      await self.cookie()
      const before = await self.ask<Usage>('usage')
      const { count, seconds, latencies } = await self.load(scenario, times, connections)
      const after = await self.ask<Usage>('usage')
      const user = after.user - before.user
      return {
        requestsPerSecond: count / seconds,
        cpuPerRequest: (user + after.system - before.system) / count,
        userPerRequest: user / count,
        p50: quantileOf(latencies, 0.5),
        p99: quantileOf(latencies, 0.99),
      }
    },
    stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.disconnect()
      return gone
    },
  }
  return self
}

function message<Message>(child: ChildProcess, name: string): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (value: unknown) => {
      child.off('exit', onExit)
      resolve(value as Message)
    }
    const onExit = () => {
      child.off('message', onMessage)
      reject(new Error(`The server ${name} ended before it answered.`))
    }
    child.once('message', onMessage)
    child.once('exit', onExit)
  })
}
