import { testOptions } from '@bff/test-support/options'
import type { CsrfOptions } from '../../src/index.ts'
import { request, world } from '../world.ts'

/** The status of a page's script that asks for its user with these header fields; signed out, it is 401 once let in. */
async function asked(csrf: CsrfOptions, headers: Record<string, string>): Promise<number | undefined> {
  const { bff } = world({ csrf })
  const fromPage = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', ...headers }
  return (await bff.handle(request('GET', '/bff/user', fromPage)))?.status
}

testOptions<CsrfOptions>('CsrfOptions', {
  headerName: { set: 'x-app', see: (csrf) => asked(csrf, { 'x-app': '1' }), shows: [403, 401] },
  headerValue: { set: 'yes', see: (csrf) => asked(csrf, { 'x-csrf': 'yes' }), shows: [403, 401] },
  allowedOrigins: {
    set: ['https://www.example.com'],
    see: (csrf) =>
      asked(csrf, {
        'x-csrf': '1',
        origin: 'https://www.example.com',
        'sec-fetch-site': 'same-site',
      }),
    shows: [403, 401],
  },
})
