import { serveRaces } from '@bff/store-testkit/races'
import { openForRaces } from './races.ts'

const [engine = '', address = ''] = process.argv.slice(2)
serveRaces(openForRaces(engine, address).sessions)
