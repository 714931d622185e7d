import assert from 'node:assert/strict'
import type { Law, LawContext } from '../harness.ts'

const HEADERS = 'host: app\r\nx-csrf: 1\r\nconnection: close\r\n'

/** HA-11 to HA-15: request lines no form of a page makes. */
export function requestLineLaws(law: Law): void {
  law('HA-11 a target that is not in origin-form is refused, and reaches no API', async (context) => {
    const lines = [
      'GET http://evil.example/open/x',
      'GET //evil.example/open/x',
      'GET //open/x',
      'GET /\\evil.example/open/x',
      'GET open/x',
      'CONNECT evil.example:443',
      'GET http://evil.example/bff/session',
    ]
    for (const line of lines) {
      const said = await saidTo(context, `${line} HTTP/1.1\r\n${HEADERS}\r\n`)
      assert.ok(isRefusal(said, line.split(' ')[1] ?? ''), `${line}: ${said}`)
    }
    assert.deepEqual(context.api.targets, [])
    await stillServes(context)
  })

  law('HA-12 a path two servers could read differently never reaches the API', async (context) => {
    const paths = [
      '/open/%2e%2e/api/x',
      '/open/../api/x',
      '/open/..%2fapi/x',
      '/open/%252e%252e/x',
      '/open/a%5cb',
      '/open/a\\..\\b',
      '/open/%00',
      '/open/%zz',
      '/open/%c0%ae',
      '/open//x',
      '/open/a;b=c/x',
      '/open%2fx',
      '/open/x#y',
    ]
    for (const path of paths) {
      const said = await saidTo(context, `GET ${path} HTTP/1.1\r\n${HEADERS}\r\n`)
      assert.match(said, /^HTTP\/1\.1 /, path)
    }
    // A host that tidies paths up before anybody sees them may pass on what is left, if it is harmless.
    for (const target of context.api.targets) assert.match(target ?? '', /^\/[a-z/]*$/)
    await stillServes(context)
  })

  law('HA-13 a request that can be read in two ways is refused, and reaches no API', async (context) => {
    const body = '0\r\n\r\nGET /open/smuggled HTTP/1.1\r\nhost: app\r\nx-csrf: 1\r\n\r\n'
    const length = `content-length: ${body.length}\r\n`
    const requests = [
      `${length}transfer-encoding: chunked\r\n\r\n${body}`,
      `transfer-encoding: chunked\r\n${length}\r\n${body}`,
      `content-length: 5\r\n${length}\r\n${body}`,
      `transfer-encoding: chunked, identity\r\n\r\n${body}`,
      'content-length : 5\r\n\r\nhello',
      ' folded: header\r\n\r\n',
    ]
    for (const rest of requests) {
      const said = await saidTo(context, `POST /open/x HTTP/1.1\r\n${HEADERS}${rest}`)
      assert.match(said, /^$|^HTTP\/1\.1 [45]\d\d /, rest)
      assert.equal(said.match(/HTTP\/1\.1 /g)?.length ?? 1, 1, `Answered twice: ${rest}`)
    }
    assert.deepEqual(context.api.targets, [])
    await stillServes(context)
  })

  law('HA-14 a query that is no form reaches the API byte for byte', async ({ client, api }) => {
    const targets = ['/x?q=%20', '/x?a=b?c=d', '/x?flag', '/x?{}', '/x?%zz&&', '/x?a=%2f%2F']
    for (const target of targets) assert.equal((await client.page(`/open${target}`)).status, 200, target)
    assert.deepEqual(api.targets, targets)
  })

  law(
    'HA-15 a question about the whole server is the client’s mistake, not the server’s',
    async (context) => {
      assert.match(await saidTo(context, `OPTIONS * HTTP/1.1\r\n${HEADERS}\r\n`), /^HTTP\/1\.1 4\d\d /)
      await stillServes(context)
    },
  )
}

/**
 * Whether this is a refusal: an error, a closed connection, or, as some hosts have it, the tidy form of the path to ask
 * for, or what was asked for once more.
 */
function isRefusal(said: string, target: string): boolean {
  const [, status = '', location = ''] =
    /^HTTP\/1\.1 (\d\d\d) (?:[\s\S]*\nlocation: (\S+))?/i.exec(said) ?? []
  const ownPath = location === target || /^\/(?![/\\])/.test(location)
  return said === '' || status.startsWith('4') || (status.startsWith('3') && ownPath)
}

/** Everything the server says to these bytes until it closes the connection. */
async function saidTo({ client }: LawContext, bytes: string): Promise<string> {
  const wire = client.wire()
  wire.send(bytes)
  return wire.closed()
}

async function stillServes({ client }: LawContext): Promise<void> {
  assert.equal((await client.page('/bff/session')).status, 200)
}
