import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { BffError, systemClock } from '@bff/core'
import { isBroken, isThrottled, toBffError } from './errors.ts'

export interface ConnectionOptions {
  readonly client?: DynamoDBClient | undefined
  readonly region?: string | undefined
  readonly endpoint?: string | undefined
  readonly credentials?: DynamoDBClientConfig['credentials'] | undefined
  readonly operationTimeoutMs: number
}

/** What a command is sent with. */
export interface SendOptions {
  readonly abortSignal: AbortSignal
}

/** Sends one command. */
export type Send<Answer> = (client: DynamoDBClient, options: SendOptions) => Promise<Answer>

/** Enough that no call waits for the connection of another one. */
const MOST_SOCKETS = 200
const THROTTLED_AGAIN = 5
const FIRST_WAIT_MS = 10

/** The client would send a write again whose outcome is unknown (STO-10). */
const ONCE: NonNullable<DynamoDBClientConfig['retryStrategy']> = {
  acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
  refreshRetryTokenForRetry: async () => {
    throw new Error('Nothing is sent again.')
  },
  recordSuccess: () => {},
}

/** Sends commands. Every fault becomes `store_unavailable`, without keys or values in its message. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #calls = new Set<AbortController>()
  #client: DynamoDBClient | null = null
  /** By the monotonic clock. */
  #openedAt = 0
  #closed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Sends a command that changes nothing: once more when its connection broke, as one does that was idle for long. */
  read<Answer>(send: Send<Answer>): Promise<Answer> {
    return this.#send(send, 1)
  }

  /** Sends a command once. */
  write<Answer>(send: Send<Answer>): Promise<Answer> {
    return this.#send(send, 0)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const call of this.#calls) call.abort(closed())
    if (this.#options.client === undefined) this.#client?.destroy()
  }

  /** A throttled command was not run, so it is sent again. */
  async #send<Answer>(send: Send<Answer>, again: number): Promise<Answer> {
    for (let broken = 0, throttled = 0; ; ) {
      if (this.#closed) throw closed()
      this.#client ??= this.#open()
      const client = this.#client
      try {
        return await this.#within((options) => send(client, options))
      } catch (error) {
        if (error instanceof NoAnswer || (isBroken(error) && !this.#isNew())) this.#leave(client)
        if (error instanceof NoAnswer) throw error.reason
        if (isThrottled(error) && throttled++ < THROTTLED_AGAIN)
          await systemClock.sleep(Math.random() * FIRST_WAIT_MS * 2 ** throttled)
        else if (!isBroken(error) || broken++ >= again) throw toBffError(error)
      }
    }
  }

  #within<Answer>(send: (options: SendOptions) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = new AbortController()
      const timer = setTimeout(() => call.abort(new NoAnswer()), this.#options.operationTimeoutMs)
      this.#calls.add(call)
      // The client alone would wait for what does not listen to the signal, such as the service of its credentials.
      call.signal.addEventListener('abort', () => reject(call.signal.reason))
      send({ abortSignal: call.signal })
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer)
          this.#calls.delete(call)
        })
    })
  }

  /** A firewall that forgot one connection forgot all of them: later calls get new ones. */
  #leave(client: DynamoDBClient): void {
    if (this.#options.client !== undefined || this.#client !== client) return
    this.#client = null
    // What is under way on it ends within this time.
    setTimeout(() => client.destroy(), this.#options.operationTimeoutMs).unref?.()
  }

  /** No firewall has forgotten its connections yet: a server that refuses them must not cost a client for each call. */
  #isNew(): boolean {
    return systemClock.monotonic() - this.#openedAt < this.#options.operationTimeoutMs
  }

  #open(): DynamoDBClient {
    this.#openedAt = systemClock.monotonic()
    const { client, region, endpoint, credentials, operationTimeoutMs } = this.#options
    if (client !== undefined) return withoutRetries(client)
    const agent = { keepAlive: true, maxSockets: MOST_SOCKETS }
    return new DynamoDBClient({
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials !== undefined && { credentials }),
      retryStrategy: ONCE,
      requestHandler: { connectionTimeout: operationTimeoutMs, httpAgent: agent, httpsAgent: agent },
    })
  }
}

/** A client with the settings of another one, also its connections. */
function withoutRetries({ config }: DynamoDBClient): DynamoDBClient {
  const settings: object = { ...config, retryStrategy: ONCE }
  return new DynamoDBClient(settings)
}

class NoAnswer {
  readonly reason = new BffError('store_unavailable', 'DynamoDB did not answer in time. Try again shortly.')
}

const closed = () => new BffError('store_unavailable', 'The session store is closed. Make a new one.')
