import { bffPlugin, fastifyBff } from '@bff/fastify'
import fastify from 'fastify'
import { makeBff } from './bff.ts'
import { pageFor } from './page.ts'

const { HOST = 'localhost', PORT = '3000' } = process.env
const bff = makeBff()
const { getSession } = fastifyBff(bff)

const app = fastify()
await app.register(bffPlugin, { bff })
app.get('/', async (request, reply) => reply.type('text/html').send(await pageFor(await getSession(request))))

await app.listen({ port: Number(PORT), host: HOST })
console.log(`http://localhost:${PORT}`)
process.once('SIGTERM', () => void app.close())
