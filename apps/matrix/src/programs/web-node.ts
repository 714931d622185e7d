import { serveFetch } from '@bff/http-testkit'
import { app, laws } from './web.ts'

const { origin } = await serveFetch(app)
const { origin: control } = await serveFetch(laws(origin))
console.log(`serving ${JSON.stringify([{ name: 'web', control, webSockets: false }])}`)
