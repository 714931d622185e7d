import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Reply, Session } from '@bff/core'
import { drained, reference, type Steps } from './reference-adapter.ts'

/** An adapter with one fault, and the laws that must see it. */
export interface Mutant {
  readonly fault: string
  readonly laws: readonly string[]
  /** The steps that are wrong, made anew for every server. */
  readonly steps: () => Partial<Steps>
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** What `change` makes of the whole body. */
async function* changed(body: AsyncIterable<Uint8Array>, change: (bytes: Buffer) => Uint8Array) {
  yield change(await buffer(body))
}

/** A body whose rest never comes once the answer to its request was sent. */
function untilAnswered(body: AsyncIterable<Uint8Array>, req: IncomingMessage): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  const next = () => (answered.has(req) ? new Promise<never>(() => {}) : chunks.next())
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

const answered = new WeakSet<IncomingMessage>()

const without = (reply: Reply, name: string): Reply => ({
  ...reply,
  headers: reply.headers.filter(([header]) => header !== name),
})

const signedOut = (reply: Reply, name: string): Reply => ({
  ...reply,
  headers: [...reply.headers, ['set-cookie', `${name}=; Path=/; Max-Age=0; Secure; HttpOnly`]],
})

const withCookies = (reply: Reply, change: (cookie: string) => string): Reply => ({
  ...reply,
  headers: reply.headers.map(([name, value]) => [name, name === 'set-cookie' ? change(value) : value]),
})

export const MUTANTS: readonly Mutant[] = [
  {
    fault: 'reads the body of every request, the app’s too',
    laws: ['HA-01', 'HA-71'],
    steps: () => ({
      before: async (_bff, req) => {
        if (req.url?.startsWith('/app')) await buffer(req)
        return false
      },
    }),
  },
  {
    fault: 'takes a path for the BFF’s that only begins like it',
    laws: ['HA-02'],
    steps: () => ({ target: (req) => (req.url ?? '').replace(/^\/open\/?(?=.)/, '/open/') }),
  },
  {
    fault: 'lets the app answer what the BFF does not know',
    laws: ['HA-03'],
    steps: () => ({
      reply: (reply) =>
        String(reply.body).includes('not_found') ? { status: 404, headers: [], body: 'No page.' } : reply,
    }),
  },
  {
    fault: 'does not pass the paths of a BFF at the root on to it',
    laws: ['HA-94'],
    steps: () => ({ target: (req) => (req.url ?? '').replace(/^\/(?=login|session)/, '/app/') }),
  },
  {
    fault: 'believes the forwarded host of any client',
    laws: ['HA-96'],
    steps: () => ({
      header: (req, name) =>
        reference.header(req, name === 'host' && req.headers['x-forwarded-host'] ? 'x-forwarded-host' : name),
    }),
  },
  {
    fault: 'does not pass the BFF what it leaves to the app',
    laws: ['HA-95'],
    steps: () => ({
      before: async (bff, req, res) => {
        const isOwn = !bff.paths.includes('/login') || /^\/(session|login|callback|api)/.test(req.url ?? '')
        if (!isOwn) res.writeHead(404).end('{"error":"not_found"}')
        return !isOwn
      },
    }),
  },
  {
    fault: 'asks for the session at an address of its own',
    laws: ['HA-97'],
    steps: () => ({
      require: (bff, view) =>
        reference.require(bff, {
          ...view,
          header: (name) => (name === 'host' ? 'app.example.com' : view.header(name)),
        }),
    }),
  },
  {
    fault: 'keeps the first answer of each path',
    laws: ['HA-98'],
    steps: () => {
      const kept = new Map<string, Reply>()
      return {
        reply: (reply, req) => {
          const path = req.url?.startsWith('/mounted/bff') ? req.url : null
          if (path === null) return reply
          const first = kept.get(path) ?? reply
          kept.set(path, first)
          return first
        },
      }
    },
  },
  {
    fault: 'decodes the target',
    laws: ['HA-04', 'HA-12'],
    steps: () => ({ target: (req) => decodeURIComponent(req.url ?? '') }),
  },
  {
    fault: 'strips the prefix it is mounted at',
    laws: ['HA-05'],
    steps: () => ({ target: (req) => (req.url ?? '').replace(/^\/mounted/, '') || '/' }),
  },
  {
    fault: 'answers HEAD with a body',
    laws: ['HA-06'],
    steps: () => ({
      write: async (reply, res) => {
        await reference.write(reply, res)
        if (res.req.method === 'HEAD') res.socket?.write('hello')
      },
    }),
  },
  {
    fault: 'answers OPTIONS itself',
    laws: ['HA-07'],
    steps: () => ({
      before: async (_bff, req, res) => {
        if (req.method === 'OPTIONS') res.writeHead(204, { allow: 'GET' }).end()
        return req.method === 'OPTIONS'
      },
    }),
  },
  {
    fault: 'ends every answer as a chunked one',
    laws: ['HA-08'],
    steps: () => ({
      write: async (reply, res) => {
        await reference.write(reply, res)
        if (reply.body === null) res.socket?.write('0\r\n\r\n')
      },
    }),
  },
  {
    fault: 'has an error page of its own',
    laws: ['HA-09', 'HA-55', 'HA-60', 'HA-63'],
    steps: () => ({
      reply: (reply) => (reply.status >= 500 ? { ...reply, headers: [], body: 'Oops.' } : reply),
    }),
  },
  {
    fault: 'knows GET and POST only',
    laws: ['HA-10'],
    steps: () => ({
      before: async (_bff, req, res) => {
        const known = req.method === 'GET' || req.method === 'POST'
        if (!known) res.writeHead(405).end()
        return !known
      },
    }),
  },
  {
    fault: 'reads a path out of targets of any form',
    laws: ['HA-11'],
    steps: () => ({
      target: (req) => {
        const { pathname, search } = new URL(req.url ?? '', 'http://app')
        return pathname + search
      },
    }),
  },
  {
    fault: 'fails over a target that is no path',
    laws: ['HA-15'],
    steps: () => ({
      before: async (_bff, req, res) => {
        const isPath = req.url?.startsWith('/') ?? false
        if (!isPath) res.writeHead(500).end()
        return !isPath
      },
    }),
  },
  {
    fault: 'writes the query again',
    laws: ['HA-14'],
    steps: () => ({
      target: ({ url = '' }) => {
        const [path = '', query] = url.split('?', 2)
        return query === undefined ? path : `${path}?${new URLSearchParams(query)}`
      },
    }),
  },
  {
    fault: 'is lenient about framing',
    laws: ['HA-13'],
    steps: () => ({
      server: { insecureHTTPParser: true },
      headers: (req) =>
        reference.headers(req).filter(([name]) => !/^(?:content-length|transfer-)/.test(name)),
    }),
  },
  {
    fault: 'calls every answer JSON',
    laws: ['HA-64'],
    steps: () => ({
      reply: (reply) => ({
        ...reply,
        headers: [...without(reply, 'content-type').headers, ['content-type', 'application/json']],
      }),
    }),
  },
  {
    fault: 'joins cookies into one header',
    laws: ['HA-20', 'HA-21'],
    steps: () => ({
      reply: (reply) => {
        const cookies = reply.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)
        const rest = without(reply, 'set-cookie')
        const joined = cookies.length === 0 ? [] : [['set-cookie', cookies.join(', ')] as const]
        return { ...rest, headers: [...rest.headers, ...joined] }
      },
    }),
  },
  {
    fault: 'keeps the last cookie only',
    laws: ['HA-20', 'HA-21'],
    steps: () => ({ reply: (reply) => ({ ...reply, headers: [...new Map(reply.headers)] }) }),
  },
  {
    fault: 'deletes cookies in a way of its own',
    laws: ['HA-22'],
    steps: () => ({
      reply: (reply) =>
        withCookies(reply, (cookie) => cookie.replace(/(?<=; Max-Age=0;).*/, ' Path=/; HttpOnly')),
    }),
  },
  {
    fault: 'decodes the place a browser is sent to',
    laws: ['HA-25'],
    steps: () => ({
      reply: (reply) => ({
        ...reply,
        headers: reply.headers.map(([name, value]) => [name, name === 'location' ? decodeURI(value) : value]),
      }),
    }),
  },
  {
    fault: 'knows only one encoding of forms',
    laws: ['HA-26'],
    steps: () => ({
      before: async (_bff, req, res) => {
        const isUnknown = /^(?:multipart|text)\//.test(req.headers['content-type'] ?? '')
        if (isUnknown) res.writeHead(415).end()
        return isUnknown
      },
    }),
  },
  {
    fault: 'sends the cookie again with every answer',
    laws: ['HA-23'],
    steps: () => ({
      reply: (reply, { headers: { cookie } }) =>
        cookie === undefined ? reply : { ...reply, headers: [...reply.headers, ['set-cookie', cookie]] },
    }),
  },
  {
    fault: 'reads the first line of a header only',
    laws: ['HA-24'],
    steps: () => ({
      header: (req, name) => reference.headers(req).find(([header]) => header === name)?.[1],
    }),
  },
  {
    fault: 'takes bodies for text',
    laws: ['HA-30', 'HA-34', 'HA-81'],
    steps: () => ({
      body: (req) => {
        const body = reference.body(req)
        return body && changed(body, (bytes) => Buffer.from(bytes.toString()))
      },
      pump: async (body, res) => {
        res.flushHeaders()
        for await (const chunk of body) res.write(Buffer.from(chunk).toString())
        res.end()
      },
    }),
  },
  {
    fault: 'cuts bodies at a megabyte',
    laws: ['HA-31'],
    steps: () => ({
      pump: async (body, res) => void res.end((await buffer(body)).subarray(0, 1_000_000)),
    }),
  },
  {
    fault: 'sees no body where no length is named',
    laws: ['HA-32'],
    steps: () => ({
      body: (req) => (req.headers['content-length'] === undefined ? undefined : reference.body(req)),
    }),
  },
  {
    fault: 'never says 100 Continue',
    laws: ['HA-33'],
    steps: () => ({ continue: () => {} }),
  },
  {
    fault: 'parses JSON and writes it again',
    laws: ['HA-34'],
    steps: () => ({
      headers: (req) => reference.headers(req).filter(([name]) => name !== 'content-length'),
      body: (req) => {
        const body = reference.body(req)
        if (body === undefined || req.headers['content-type'] !== 'application/json') return body
        return changed(body, (bytes) => Buffer.from(JSON.stringify(JSON.parse(bytes.toString()))))
      },
    }),
  },
  {
    fault: 'names an encoding the body does not have',
    laws: ['HA-35'],
    steps: () => ({
      reply: (reply) => ({ ...reply, headers: [...reply.headers, ['content-encoding', 'gzip']] }),
    }),
  },
  {
    fault: 'gives requests without a body an empty object',
    laws: ['HA-36'],
    steps: () => ({
      headers: (req) => reference.headers(req).filter(([name]) => name !== 'content-length'),
      body: (req) => reference.body(req) ?? once(Buffer.from('{}')),
    }),
  },
  {
    fault: 'reads the whole body before it asks the BFF',
    laws: ['HA-37', 'HA-40', 'HA-43', 'HA-52'],
    steps: () => {
      const kept = new WeakMap<object, Buffer>()
      return {
        before: async (_bff, req) => {
          const body = req.url?.startsWith('/app') ? undefined : reference.body(req)
          if (body !== undefined) kept.set(req, await buffer(body))
          return false
        },
        body: (req) => {
          const bytes = kept.get(req)
          return bytes && once(bytes)
        },
      }
    },
  },
  {
    fault: 'reads nothing of a body once it was answered',
    laws: ['HA-38', 'HA-39'],
    steps: () => ({
      before: async (_bff, req) => {
        // Whoever listens for this reads by himself: Node no longer drops what is left.
        req.on('readable', () => {})
        return false
      },
      body: (req) => {
        const body = reference.body(req)
        return body && untilAnswered(body, req)
      },
      reply: (reply, req) => {
        answered.add(req)
        return reply
      },
    }),
  },
  {
    fault: 'keeps an answer until it is complete',
    laws: ['HA-41', 'HA-80', 'HA-81', 'HA-82', 'HA-51'],
    steps: () => ({ pump: async (body, res) => void res.end(await buffer(body)) }),
  },
  {
    fault: 'writes faster than the client reads',
    laws: ['HA-42'],
    steps: () => ({
      pump: async (body, res) => {
        res.flushHeaders()
        for await (const chunk of body) res.write(chunk)
        res.end()
      },
    }),
  },
  {
    fault: 'reads faster than the API takes',
    laws: ['HA-43'],
    steps: () => ({
      body: (req) => {
        const chunks: Buffer[] = []
        let wake = () => {}
        let ended = false
        req.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          wake()
        })
        req.on('end', () => {
          ended = true
          wake()
        })
        return (async function* () {
          for (;;) {
            const chunk = chunks.shift()
            if (chunk !== undefined) yield chunk
            else if (ended) return
            else await new Promise<void>((resolve) => (wake = resolve))
          }
        })()
      },
    }),
  },
  {
    fault: 'swallows that the client left',
    laws: ['HA-50', 'HA-51', 'HA-83'],
    steps: () => ({
      signal: () => new AbortController().signal,
      pump: async (body, res) => {
        res.flushHeaders()
        for await (const chunk of body) if (!res.closed && !res.write(chunk)) await drained(res)
        res.end()
      },
    }),
  },
  {
    fault: 'ends an upload where it broke off',
    laws: ['HA-52'],
    steps: () => ({
      signal: () => new AbortController().signal,
      body: (req) =>
        (async function* () {
          try {
            for await (const chunk of req) yield chunk
          } catch {
            return
          }
        })(),
    }),
  },
  {
    fault: 'ends an answer where it broke off',
    laws: ['HA-53', 'HA-54', 'HA-84'],
    steps: () => ({
      pump: async (body, res) => {
        await reference.pump(body, res).catch(() => res.end())
      },
    }),
  },
  {
    fault: 'leaves the client waiting where an answer broke off',
    laws: ['HA-53', 'HA-54', 'HA-84', 'HA-85', 'HA-86', 'HA-87'],
    steps: () => ({
      pump: async (body, res) => {
        await reference.pump(body, res).catch(() => {})
      },
    }),
  },
  {
    fault: 'tells what went wrong',
    laws: ['HA-61'],
    steps: () => ({
      errorReply: (bff, error) => ({
        ...bff.errorReply(error),
        body: JSON.stringify({ error: String(error) }),
      }),
    }),
  },
  {
    fault: 'does not notice that a body was read before',
    laws: ['HA-62'],
    steps: () => ({ body: (req) => req.iterator({ destroyOnReturn: false }) }),
  },
  {
    fault: 'refuses in a shape of its own',
    laws: ['HA-61', 'HA-70', 'HA-72', 'HA-74'],
    steps: () => ({ errorReply: () => ({ status: 401, headers: [], body: 'Sign in first.' }) }),
  },
  {
    fault: 'asks for no CSRF header in the guard',
    laws: ['HA-72'],
    steps: () => ({ require: (bff, view) => bff.requireSession(view, { csrf: false }) }),
  },
  {
    fault: 'remembers sessions from one request to the next',
    laws: ['HA-73'],
    steps: () => {
      const known = new Map<string | undefined, Session>()
      return {
        require: async (bff, view) => {
          const cookie = view.header('cookie')
          const session = known.get(cookie) ?? (await bff.requireSession(view))
          known.set(cookie, session)
          return session
        },
      }
    },
  },
  {
    fault: 'takes the cookie of a refused request away',
    laws: ['HA-74'],
    steps: () => ({ errorReply: (bff, error) => signedOut(bff.errorReply(error), '__Host-Http-bff') }),
  },
  {
    fault: 'keeps the session of the request at hand in one place',
    laws: ['HA-75'],
    steps: () => {
      let current: Session | null = null
      return {
        optional: async (bff, view) => {
          current = await bff.getSession(view)
          await new Promise((resolve) => setImmediate(resolve))
          return current
        },
      }
    },
  },
  {
    fault: 'takes an outage for a sign-out',
    laws: ['HA-76'],
    steps: () => ({ optional: async (bff, view) => bff.getSession(view).catch(() => null) }),
  },
  {
    fault: 'looks the session up for every request',
    laws: ['HA-77'],
    steps: () => ({
      before: async (bff, req) => {
        if (req.url?.startsWith('/app')) {
          const view = { ...VIEW, header: (name: string) => reference.header(req, name) }
          await bff.getSession(view)
        }
        return false
      },
    }),
  },
  {
    fault: 'sends the head with the first piece',
    laws: ['HA-80'],
    steps: () => ({
      pump: async (body, res) => {
        for await (const chunk of body) if (!res.write(chunk)) await drained(res)
        res.end()
      },
    }),
  },
  {
    fault: 'vouches for the page itself',
    laws: ['HA-90', 'HA-92'],
    steps: () => ({ header: (req, name) => (name === 'x-csrf' ? '1' : reference.header(req, name)) }),
  },
  {
    fault: 'hides where a request comes from',
    laws: ['HA-91'],
    steps: () => ({
      header: (req, name) =>
        /^(?:origin|referer|sec-fetch-.*)$/.test(name) ? undefined : reference.header(req, name),
    }),
  },
  {
    fault: 'believes what a client says about its address',
    laws: ['HA-93'],
    steps: () => ({ remoteAddress: (req) => String(req.headers['x-forwarded-for']) }),
  },
]

const VIEW = {
  method: 'GET',
  target: '/',
  remoteAddress: undefined,
  headers: () => [],
  body: () => undefined,
  signal: new AbortController().signal,
}
