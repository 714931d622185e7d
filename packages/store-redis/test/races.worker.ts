import { serveRaces } from '@bff/store-testkit/races'
import { redisStore } from '../src/index.ts'

const [url = ''] = process.argv.slice(2)
serveRaces(redisStore({ url, prefix: 'races:', operationTimeoutMs: 30_000 }).sessions)
