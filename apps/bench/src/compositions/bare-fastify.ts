import { createServer } from 'node:http'
import fastify from 'fastify'
import { listen } from './app.ts'

const app = fastify()
app.get('/orders', () => ({ user: 'alice' }))
await app.ready()
listen(createServer(app.routing))
