import type { ServedBff } from '@bff/core'
import { afterAll, describe, test } from 'vitest'
import { describeHttpAdapter, serveFetch } from '../src/index.ts'
import { remoteApp } from '../src/remote/index.ts'
import { fetchApp } from './web-app.ts'

const serve = (bff: ServedBff) => serveFetch((request) => fetchApp(bff, request))

describeHttpAdapter({ name: 'bff.fetch', test, serve })

describe('with the BFF behind ports of its own, as in another process', async () => {
  const control = await serveFetch(remoteApp(serve))
  afterAll(() => control.close())
  describeHttpAdapter({
    name: 'bff.fetch',
    // Those that move the time, count reads or make them fail; `pnpm test:matrix` runs all of them in this way.
    test: (name, run) => /^HA-(?:2[45]|7[0-4679]|8[56])/.test(name) && test(name, run),
    serve: new URL(control.origin),
  })
})
