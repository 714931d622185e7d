import { once } from 'node:events'
import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { undiciUpstream } from '../src/index.ts'

const [target = '', how] = process.argv.slice(2)
const bff = createBff({
  origin: 'https://app.example.com',
  store: memoryStore(),
  encryptionKeys: [generateEncryptionKey()],
  onEvent: () => {},
  proxy: apiProxy({
    routes: [{ path: '/api', target, token: 'user' }],
    upstream: undiciUpstream({ keepAliveTimeoutMs: 600_000 }),
  }),
})
const { cookie } = await bff.sessions.create({ userId: 'alice', tokens: { accessToken: 'access' } })
const headers = { cookie: cookie.split(';', 1)[0] ?? '', 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
const get = (path: string) => bff.fetch(new Request(`https://app.example.com/api${path}`, { headers }))

process.stdout.write(await (await get('/short')).text())
if (how === 'closed') {
  const streams = [await get('/stream'), await get('/stream')]
  const ends = streams.map((stream) => stream.text().catch(() => {}))
  await once(process.stdin.resume(), 'end')
  await bff.close()
  await Promise.all(ends)
} else {
  await once(process.stdin.resume(), 'end')
}
