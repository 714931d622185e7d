import { EventEmitter } from 'node:events'
import type { Argument, Call, DurableCall, Link, ScriptCall } from '../link.ts'
import type { Words } from './client.ts'

/** What the connections of node-redis share: the commands, their time limit, and how they tell what becomes of them. */
export abstract class NodeRedisLink extends EventEmitter implements Link {
  abstract readonly isCluster: boolean
  abstract readonly isReady: boolean
  readonly timeoutMs: number
  /** How many answers came, to tell a slow server from a dead connection. */
  #answers = 0

  constructor(timeoutMs: number) {
    super()
    this.timeoutMs = timeoutMs
    this.on('error', () => {})
  }

  abstract connect(): Promise<unknown>
  abstract close(): void
  /** Sends one command to the node that has the key. */
  protected abstract send(key: string | undefined, words: Words): Promise<unknown>
  /** A call of this connection got no answer; `isDead` when no other one did either since it was sent. */
  protected abstract onSilence(isDead: boolean): void
  abstract runAndWait(by: Call, call: DurableCall, address?: string): Promise<readonly [unknown, number]>

  /** The library writes what was sent in one turn of the event loop at once, by itself. */
  gather(): void {}

  ping(): Promise<unknown> {
    return this.#ask(undefined, ['PING'])
  }

  get(key: string): Promise<Buffer | null> {
    return this.#ask(key, ['GET', key])
  }

  set(key: string, value: string, lifeMs: number): Promise<unknown> {
    return this.#ask(key, ['SET', key, value, 'PX', String(lifeMs)])
  }

  async setIfAbsent(key: string, value: string, lifeMs: number): Promise<boolean> {
    return (await this.#ask(key, ['SET', key, value, 'PX', String(lifeMs), 'NX'])) !== null
  }

  getAndDelete(key: string): Promise<Buffer | null> {
    return this.#ask(key, ['GETDEL', key])
  }

  async exists(key: string): Promise<boolean> {
    return (await this.#ask<number>(key, ['EXISTS', key])) > 0
  }

  async getHash(key: string): Promise<Record<string, Buffer>> {
    const flat = await this.#ask<Buffer[]>(key, ['HGETALL', key])
    const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : []))
    return Object.fromEntries(pairs)
  }

  run(by: Call, call: ScriptCall): Promise<unknown> {
    return this.#ask(call.keys[0], wordsOf(by, call))
  }

  /** Lets a call fail when no answer comes in time. */
  protected inTime<T>(sent: Promise<T>): Promise<T> {
    const before = this.#answers
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error('Command timed out'))
        this.onSilence(this.#answers === before)
      }, this.timeoutMs)
      const settle = () => {
        clearTimeout(timer)
        this.#answers++
      }
      sent.then(
        (answer) => {
          settle()
          resolve(answer)
        },
        (error: unknown) => {
          settle()
          reject(error)
        },
      )
    })
  }

  #ask<T>(key: string | undefined, words: Words): Promise<T> {
    return this.inTime(this.send(key, words)) as Promise<T>
  }
}

/** The words of EVALSHA or EVAL. */
export function wordsOf(by: Call, { script, keys, args }: ScriptCall): Words {
  const text = by === 'evalsha' ? script.sha : script.lua
  return [by.toUpperCase(), text, String(keys.length), ...keys, ...args.map(wordOf)]
}

export function waitWords({ replicas, waitMs }: DurableCall): Words {
  return ['WAIT', String(replicas), String(waitMs)]
}

const wordOf = (argument: Argument) => (typeof argument === 'number' ? String(argument) : argument)

/** Ends a connection that is not made in time. */
export async function connectInTime(connecting: Promise<unknown>, timeoutMs: number, end: () => void) {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Connection timed out')), timeoutMs).unref()
  })
  try {
    await Promise.race([connecting, late])
  } catch (error) {
    connecting.catch(() => {})
    end()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
