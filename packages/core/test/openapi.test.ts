import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import ts from 'typescript'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  backchannelLogout,
  diagnostics,
  healthEndpoint,
  sessionEndpoints,
  silentLogin,
} from '../src/endpoints/index.ts'
import { type BffConfig, jsonReply, type PluginFactory } from '../src/index.ts'
import { type OpenApiDocument, type OpenApiOptions, openapi } from '../src/openapi/index.ts'
import { jsonOf, request, world } from './world.ts'

async function documentOf(
  options: OpenApiOptions = {},
  config: Partial<BffConfig> = {},
): Promise<OpenApiDocument> {
  const { plugins = [], ...rest } = config
  const { bff } = world({ ...rest, plugins: [...plugins, openapi(options)] })
  const path = `${config.basePath ?? '/bff'}/openapi.json`
  const reply = await bff.handle(request('GET', path))
  if (reply?.status !== 200) throw new Error(`No document: ${reply?.status}`)
  return jsonOf(reply)
}

describe('GET /bff/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const limited = await documentOf({ rateLimit: { requestsPerMinute: 60, burst: 10 } })
    for (const document of [await documentOf(), limited]) {
      const result = await new Validator().validate(JSON.parse(JSON.stringify(document)))
      expect(result.errors ?? []).toEqual([])
      expect(result.valid).toBe(true)
    }
  })

  it('names every endpoint there is, and the operations [S1-49]', async () => {
    const { paths, info, servers } = await documentOf({ title: 'Orders', version: '2.1.0' })
    expect(Object.keys(paths)).toEqual([
      '/bff/login',
      '/bff/callback',
      '/bff/logout',
      '/bff/logout/callback',
      '/bff/session',
      '/bff/user',
      '/bff/refresh',
      '/bff/openapi.json',
    ])
    expect(paths['/bff/session']?.['get']).toMatchObject({ operationId: 'bff-get-session', tags: ['BFF'] })
    expect(paths['/bff/logout']?.['post']).toMatchObject({ operationId: 'bff-logout' })
    expect(paths['/bff/refresh']?.['post']).toMatchObject({ operationId: 'bff-refresh-session' })
    expect([info, servers]).toEqual([
      { title: 'Orders', version: '2.1.0' },
      [{ url: 'https://app.example.com' }],
    ])
    expect((await documentOf({ tags: ['Auth'] })).paths['/bff/user']?.['get']?.tags).toEqual(['Auth'])
  })

  it('describes every method of the BFF’s own endpoints, the callback by form among them', async () => {
    const { paths } = await documentOf()
    const operations = Object.values(paths).flatMap((item) => Object.values(item))
    for (const { operationId } of operations) expect(operationId).toMatch(/^bff-/)
    const post = paths['/bff/callback']?.['post']
    expect(post).toMatchObject({
      operationId: 'bff-login-callback-form',
      'x-cookie-auth': false,
      'x-csrf-protected': false,
      responses: { 303: { $ref: '#/components/responses/Redirect' } },
    })
    const fields = JSON.stringify(post?.requestBody)
    for (const name of ['code', 'state', 'iss', 'error', 'error_description', 'session_state'])
      expect(fields).toContain(`"${name}":`)
    expect(fields).toContain('"application/x-www-form-urlencoded":')
  })

  it('no two operations share an id, and each says what it answers [S1-49]', async () => {
    const { paths } = await documentOf({}, { plugins: [rooms] })
    const operations = Object.values(paths).flatMap((item) => Object.values(item))
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    for (const { responses } of operations) expect(Object.keys(responses).length).toBeGreaterThan(1)
  })

  it('says what each operation is guarded by, and its limit where one is given [S1-50]', async () => {
    const { paths } = await documentOf({ rateLimit: { requestsPerMinute: 60, burst: 10 } })
    expect(paths['/bff/logout']?.['post']).toMatchObject({
      'x-internal': false,
      'x-cookie-auth': true,
      'x-csrf-protected': true,
      'x-ratelimit-limit': 60,
      'x-ratelimit-burst': 10,
      'x-ratelimit-window': '1m',
      parameters: expect.arrayContaining([{ $ref: '#/components/parameters/Csrf' }]),
    })
    expect(paths['/bff/login']?.['get']).toMatchObject({ 'x-cookie-auth': false, 'x-csrf-protected': false })
    expect((await documentOf()).paths['/bff/logout']?.['post']).not.toHaveProperty('x-ratelimit-limit')
  })

  it('describes the cookie and the header as they are configured [S1-51]', async () => {
    const { components } = await documentOf()
    expect(components.securitySchemes['bff-session']).toEqual({
      type: 'apiKey',
      in: 'cookie',
      name: '__Host-Http-bff',
      'x-cookie-httponly': true,
      'x-cookie-secure': true,
      'x-cookie-samesite': 'Strict',
    })
    const other = await documentOf(
      {},
      {
        basePath: '/auth/bff',
        cookie: { name: 'sid', sameSite: 'lax' },
        csrf: { headerName: 'X-Guard', headerValue: 'yes' },
      },
    )
    expect(other.components.securitySchemes['bff-session']).toMatchObject({
      name: 'sid',
      'x-cookie-samesite': 'Lax',
    })
    expect(other.components.parameters['Csrf']).toMatchObject({ name: 'x-guard', schema: { const: 'yes' } })
    expect(Object.keys(other.paths)).toContain('/auth/bff/session')
  })

  it('lists the endpoints of other plugins with what is known of them', async () => {
    const { paths } = await documentOf({}, { plugins: [rooms] })
    expect(paths['/rooms/{id}']?.['delete']).toMatchObject({
      operationId: 'delete-rooms',
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'id', in: 'path' })]),
    })
  })

  it('describes every endpoint of @bff/core/endpoints, and names no operation twice', async () => {
    const plugins = [backchannelLogout(), diagnostics(), healthEndpoint(), sessionEndpoints(), silentLogin()]
    const document = await documentOf({}, { plugins, origin: 'http://localhost:3000' })
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item))
    const undescribed = operations.filter(({ responses }) => 'default' in responses)
    expect(undescribed).toEqual([])
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const result = await new Validator().validate(JSON.parse(JSON.stringify(document)))
    expect(result.errors ?? []).toEqual([])
    expect(document.paths['/bff/sessions']?.['get']?.operationId).toBe('bff-list-sessions')
  })

  it('asks again for a description that could not be loaded', async () => {
    let isBroken = true
    const later: PluginFactory = () => ({
      endpoints: {
        '/later': {
          methods: { GET: async () => jsonReply(200, null) },
          async describe() {
            if (isBroken) throw new Error('The chunk is gone.')
            return {}
          },
        },
      },
    })
    const { bff } = world({ plugins: [openapi(), later] })
    const ask = async () => (await bff.handle(request('GET', '/bff/openapi.json')))?.status
    expect(await ask()).toBe(500)
    isBroken = false
    expect(await ask()).toBe(200)
  })

  it('an unknown option is refused at once', () => {
    const options = { titel: 'Orders' } as OpenApiOptions
    expect(() => openapi(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })

  it('a client generated from it compiles, and a wrong call does not', async () => {
    const document: OpenAPI3 = JSON.parse(JSON.stringify(await documentOf()))
    const types = astToString(await openapiTS(document))
    const client = (call: string) => `
import createClient from 'openapi-fetch'
import type { paths } from './bff.ts'
const client = createClient<paths>({ baseUrl: 'https://app.example.com' })
export const answer = async () => { ${call} }
`
    const header = `params: { header: { 'x-csrf': '1' } }`
    const right = client(`
  const { data } = await client.GET('/bff/session', { ${header} })
  const ends: string | undefined = data?.expires_at
  const { error } = await client.POST('/bff/refresh', { ${header} })
  return [ends, error?.error === 'no_session']`)
    const wrong = [
      client(`return client.GET('/bff/sesion', { ${header} })`),
      client(`return client.POST('/bff/refresh', {})`),
    ]
    expect(await compileErrors(types, [right])).toEqual([[]])
    for (const errors of await compileErrors(types, wrong)) expect(errors).not.toEqual([])
  })
})

const rooms: PluginFactory = () => ({
  endpoints: { '/rooms/*': { methods: { DELETE: () => Promise.reject(new Error('Never called.')) } } },
})

/** The messages of the compiler for each of the modules. */
async function compileErrors(types: string, modules: readonly string[]): Promise<string[][]> {
  const folder = await mkdtemp(join(import.meta.dirname, '.openapi-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'bff.ts'), types)
  const files = modules.map((_, at) => join(folder, `client-${at}.ts`))
  await Promise.all(files.map((file, at) => writeFile(file, modules[at] ?? '')))
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  })
  return files.map((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
  )
}
