import { once } from 'node:events'
import { createServer } from 'node:http'

/** A request as DynamoDB gets it. */
export interface Seen {
  readonly operation: string
  // biome-ignore lint/suspicious/noExplicitAny: the body is that of any operation.
  readonly body: any
  readonly accessKey: string
  readonly region: string
}

/** What it answers: a body, the name of an exception, or no answer on a connection that it cuts. */
export type Answer = object | { readonly exception: string } | 'cut'

/** A server that notes what it is asked, and answers as it is told. */
export async function startStub(
  answer: (seen: Seen, number: number) => Answer | Promise<Answer> = () => ({}),
) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const [, accessKey = '', region = ''] =
      /Credential=(\w+)\/\d+\/([\w-]+)\//.exec(request.headers.authorization ?? '') ?? []
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const one = { operation, body: JSON.parse(Buffer.concat(chunks).toString()), accessKey, region }
    const given = await answer(one, seen.push(one))
    if (given === 'cut') request.socket.destroy()
    else if ('exception' in given) {
      response.statusCode = 400
      response.end(
        JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${given.exception}`, message: 'secret' }),
      )
    } else response.end(JSON.stringify(given))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The stub got no port.')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
