import { createBff, generateEncryptionKey } from '@bff/core'
import { deviceBinding } from '@bff/core/device-binding'
import {
  backchannelLogout,
  diagnostics,
  healthEndpoint,
  sessionEndpoints,
  silentLogin,
} from '@bff/core/endpoints'
import { type OpenApiDocument, type OpenApiOperation, openapi } from '@bff/core/openapi'
import { memoryStore } from '@bff/store-memory'
import { wallet } from '@bff/wallet'

const origin = 'http://localhost:3000'

/** The Markdown page of the endpoints. */
export const endpointsPage = async (): Promise<string> => endpointsOf(await describeEndpoints())

/** The OpenAPI document of a BFF with every plugin that has endpoints. */
async function describeEndpoints(): Promise<OpenApiDocument> {
  const ethereum = wallet()
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: ethereum.provider(),
    plugins: [
      openapi(),
      backchannelLogout(),
      silentLogin(),
      sessionEndpoints(),
      healthEndpoint(),
      diagnostics(),
      deviceBinding(),
      ethereum,
    ],
    onEvent: () => {},
  })
  const response = await bff.fetch(new Request(`${origin}/bff/openapi.json`))
  const document: OpenApiDocument = await response.json()
  await bff.close()
  return document
}

/** Who answers the paths that core alone does not. The first matching row counts. */
const PLUGINS: ReadonlyArray<readonly [path: RegExp, plugin: string]> = [
  [/openapi\.json$/, '`openapi()`'],
  [/backchannel-logout$/, '`backchannelLogout()`'],
  [/silent-login$/, '`silentLogin()`'],
  [/\/sessions/, '`sessionEndpoints()`'],
  [/health$/, '`healthEndpoint()`'],
  [/diagnostics$/, '`diagnostics()`'],
  [/^\/(auth|api|\.well-known)\//, '`wallet()`'],
]

function endpointsOf(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      plugin: PLUGINS.find(([pattern]) => pattern.test(path))?.[1] ?? null,
      operation,
    })),
  )
  const own = operations.filter(({ plugin }) => plugin === null)
  const added = operations.filter(({ plugin }) => plugin !== null)
  const sections = (list: typeof operations) =>
    list.map(({ name, plugin, operation }) => operationText(document, name, plugin, operation))
  return [
    '# Endpoints',
    'This page is made from the [OpenAPI document](/configuration#openapi) of a BFF with all its plugins. `basePath` changes `/bff`. ' +
      '[Errors](/errors) lists the codes of every response.',
    '## Always there',
    ...sections(own),
    '## Added by plugins',
    'The two endpoints of `deviceBinding()` are for browsers and not in the document: [device binding](/guides/device-binding) describes them.',
    ...sections(added),
  ]
    .join('\n\n')
    .concat('\n')
}

function operationText(
  { components }: OpenApiDocument,
  name: string,
  plugin: string | null,
  operation: OpenApiOperation,
): string {
  const parameters = (operation.parameters ?? []).map((item) => resolved(components.parameters, item))
  const needs = [
    ...(operation['x-cookie-auth'] === true ? ['the session cookie'] : []),
    ...(operation['x-csrf-protected'] === true ? ['the CSRF header'] : []),
  ]
  const responses = Object.entries(operation.responses).map(
    ([status, response]) =>
      `| ${status} | ${textOf(resolved(components.responses, response), 'description')} |`,
  )
  return [
    `### ${name}`,
    `${operation.summary}.${operation.description === undefined ? '' : ` ${operation.description}`}`,
    [
      ...(plugin === null ? [] : [`Plugin: ${plugin}.`]),
      needs.length === 0
        ? 'Reads neither the session cookie nor the CSRF header.'
        : `Reads ${needs.join(' and ')}.`,
    ].join(' '),
    parameters.length === 0
      ? ''
      : ['| Parameter | Where | Meaning |', '| - | - | - |', ...parameters.map(parameterRow)].join('\n'),
    ['| Status | Response |', '| - | - |', ...responses].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const parameterRow = (parameter: unknown): string =>
  `| \`${textOf(parameter, 'name')}\` | ${textOf(parameter, 'in')} | ${textOf(parameter, 'description')} |`

/** Follows a reference to a component. */
function resolved(components: Readonly<Record<string, unknown>>, item: unknown): unknown {
  const reference = textOf(item, '$ref')
  return reference === '' ? item : components[reference.split('/').at(-1) ?? '']
}

function textOf(value: unknown, member: string): string {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, member) : undefined
  return typeof found === 'string' ? found.replaceAll('|', '\\|').replaceAll('<', '&lt;') : ''
}
