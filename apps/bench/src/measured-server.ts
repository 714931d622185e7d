import { type ChildProcess, fork } from 'node:child_process'
import autocannon from 'autocannon'
import type { Ready, ServerName, Usage } from './protocol.ts'
import type { Settings } from './settings.ts'
import type { Sample } from './summary.ts'

/** One server in a process of its own. */
export interface MeasuredServer {
  readonly origin: string
  readonly cookie: string
  /** Puts it under load for some seconds. */
  measure(path: string, cookie: string, seconds: number): Promise<Sample>
  stop(): Promise<void>
}

export async function startServer(
  program: string,
  name: ServerName,
  target: string,
  { connections, pipelining }: Settings,
  profile: string,
): Promise<MeasuredServer> {
  const child = fork(program, [name, target], {
    execArgv: profile === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const { origin, cookie } = await message<Ready>(child)

  function usage(): Promise<Usage> {
    const answer = message<Usage>(child)
    child.send('usage')
    return answer
  }

  return {
    origin,
    cookie,
    async measure(path, sentCookie, seconds) {
      const before = await usage()
      const result = await autocannon({
        url: origin + path,
        connections,
        pipelining,
        duration: seconds,
        headers: {
          cookie: sentCookie,
          'x-csrf': '1',
          'sec-fetch-site': 'same-origin',
          accept: 'application/json',
        },
      })
      const after = await usage()
      const user = after.user - before.user
      const spent = user + after.system - before.system
      if (result.errors > 0 || result.non2xx > 0)
        throw new Error(
          `${name} failed ${result.errors + result.non2xx} of ${result.requests.total} requests.`,
        )
      const total = result['2xx']
      return {
        requestsPerSecond: total / result.duration,
        cpuPerRequest: spent / total,
        userPerRequest: user / total,
        load: spent / (result.duration * 1e6),
      }
    },
    stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.disconnect()
      return gone
    },
  }
}

function message<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (value: unknown) => {
      child.off('exit', onExit)
      resolve(value as Message)
    }
    const onExit = () => reject(new Error('A server ended before it answered.'))
    child.once('message', onMessage)
    child.once('exit', onExit)
  })
}
