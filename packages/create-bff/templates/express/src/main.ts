import { expressBff } from '@bff/express'
import express from 'express'
import { makeBff } from './bff.ts'
import { pageFor } from './page.ts'

const { HOST = 'localhost', PORT = '3000' } = process.env
const bff = makeBff()
const { handler, optionalSession, getSession, errorHandler } = expressBff(bff)

const app = express()
app.use(handler)
app.get('/', optionalSession(), async (req, res) => {
  res.type('html').send(await pageFor(getSession(req)))
})
app.use(errorHandler)

const server = app.listen(Number(PORT), HOST, () => console.log(`http://localhost:${PORT}`))
process.once('SIGTERM', () => server.close(() => void bff.close()))
