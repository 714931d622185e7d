import { testOptions } from '@bff/test-support/options'
import { type OpenApiDocument, type OpenApiOptions, openapi } from '../../src/openapi/index.ts'
import { jsonOf, world } from '../world.ts'

async function documentOf(options: OpenApiOptions): Promise<OpenApiDocument> {
  const { browser } = world({ plugins: [openapi(options)] })
  return jsonOf(await browser().fetch('GET', '/bff/openapi.json'))
}

/** Every operation of the document: this of it, each value once. */
async function ofOperations(
  options: OpenApiOptions,
  read: (operation: OpenApiDocument['paths'][string][string]) => unknown,
) {
  const { paths } = await documentOf(options)
  const found = Object.values(paths).flatMap((methods) => Object.values(methods).map(read))
  return [...new Set(found.map((value) => JSON.stringify(value)))]
}

testOptions<OpenApiOptions>('OpenApiOptions', {
  title: {
    set: 'Orders',
    see: async (options) => (await documentOf(options)).info,
    shows: [
      { title: 'BFF', version: '1.0.0' },
      { title: 'Orders', version: '1.0.0' },
    ],
  },
  version: {
    set: '2.1.0',
    see: async (options) => (await documentOf(options)).info,
    shows: [
      { title: 'BFF', version: '1.0.0' },
      { title: 'BFF', version: '2.1.0' },
    ],
  },
  tags: {
    set: ['Auth', 'Session'],
    see: (options) => ofOperations(options, ({ tags }) => tags),
    shows: [['["BFF"]'], ['["Auth","Session"]']],
  },
  rateLimit: {
    set: { requestsPerMinute: 30, burst: 5 },
    see: (options) =>
      ofOperations(options, (operation) => [
        operation['x-ratelimit-limit'] ?? null,
        operation['x-ratelimit-burst'] ?? null,
        '429' in operation.responses,
      ]),
    shows: [['[null,null,false]'], ['[30,5,true]']],
  },
})
