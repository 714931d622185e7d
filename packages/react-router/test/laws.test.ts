import { describeHttpAdapter, serveFetch } from '@bff/http-testkit'
import { test, vi } from 'vitest'
import { appOf } from './laws-app.ts'

// React Router prints paths that it does not match or cannot decode, and laws ask for such paths.
vi.spyOn(console, 'error').mockImplementation(() => {})
vi.spyOn(console, 'warn').mockImplementation(() => {})

describeHttpAdapter({
  name: 'React Router',
  test,
  serve: async (bff) => {
    const app = appOf(bff)
    return serveFetch((request) => app(request))
  },
})
