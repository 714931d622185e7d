import { send } from '../load/http.ts'
import { LIMIT, MAX_ADDRESSES } from '../node/limits.ts'
import type { Random } from '../random.ts'
import type { Experiment } from './experiment.ts'

const AT_ONCE = 20
const LOUD = '2001:db8:ffff::1'

/** An address of a network that nobody else has. */
function randomAddress(random: Random): string {
  const group = () => random.below(0x1_0000).toString(16)
  return `2001:db8:${group()}:${group()}::1`
}

/** How the process answered; `null`: not at all. */
async function ask(port: number, address: string): Promise<number | null> {
  const headers = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address }
  return (await send(port, { method: 'GET', path: '/bff/session', headers }))?.status ?? null
}

export const limiterFlood: Experiment = {
  name: 'limiter-flood',
  about: 'one client asks far too often, hidden among thousands of addresses that ask once',
  stores: ['redis'],
  world: { limits: true },
  async run({ world: { site }, random, goesOn, report }) {
    let addresses = 0
    let refused = 0
    const flood = async (port: number) => {
      const choices = random.fork(`flood ${port}`)
      let allowed = 0
      const begin = performance.now()
      while (goesOn()) {
        const strangers = Array.from({ length: AT_ONCE }, () => ask(port, randomAddress(choices)))
        const loud = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(port, LOUD)))
        allowed += loud.filter((status) => status === 200).length
        refused += loud.filter((status) => status === 429).length
        const answers = await Promise.all(strangers)
        addresses += answers.length
        const turnedAway = answers.filter((status) => status !== 200)
        if (turnedAway.length > 0)
          report('stranger refused', `an address that asked once got ${turnedAway[0]}`)
      }
      const most = LIMIT.burst + (LIMIT.requestsPerMinute * (performance.now() - begin)) / 60_000
      if (allowed > most)
        report('limit exceeded', `${allowed} requests of one address, where ${Math.floor(most)} are allowed`)
    }
    await Promise.all(site.ports.map(flood))
    const { ports } = site
    return {
      'addresses beyond the limit of memory': Math.max(
        0,
        Math.floor(addresses / ports.length) - MAX_ADDRESSES,
      ),
      'requests refused': refused,
    }
  },
}
