import autocannon from 'autocannon'
import type { Load } from './load.ts'

/** Sends so many requests on kept connections, each of which sends the next when it has its response. */
export async function sendRequests(
  url: string,
  cookie: string,
  { method, bodyBytes }: { readonly method: 'GET' | 'POST'; readonly bodyBytes: number },
  { requests, connections }: { readonly requests: number; readonly connections: number },
): Promise<Load> {
  const latencies: number[] = []
  const begun = performance.now()
  let ended = begun
  const run = autocannon({
    url,
    method,
    connections,
    amount: requests,
    // autocannon looks this often whether it has finished: a second by default.
    sampleInt: 50,
    headers: {
      cookie,
      'x-csrf': '1',
      'sec-fetch-site': 'same-origin',
      accept: 'application/json',
      ...(bodyBytes > 0 && { 'content-type': 'application/octet-stream' }),
    },
    ...(bodyBytes > 0 && { body: Buffer.alloc(bodyBytes, 'x') }),
  })
  // autocannon's own duration is in whole seconds, and so are its latencies in whole milliseconds.
  const others = new Set<number>()
  run.on('response', (_client, status, _bytes, ms) => {
    ended = performance.now()
    if (status < 200 || status > 299) others.add(status)
    latencies.push(ms)
  })
  const result = await run
  const { errors, non2xx } = result
  if (errors > 0 || non2xx > 0 || result['2xx'] === 0)
    throw new Error(
      `Of ${result.requests.total} requests to ${url}, ${errors} got no response in time, ${non2xx} another status than 2xx` +
        `${others.size === 0 ? '' : `: ${[...others].join(', ')}`}.`,
    )
  return { count: result['2xx'], seconds: (ended - begun) / 1000, latencies }
}
