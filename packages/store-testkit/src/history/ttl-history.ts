import type { TtlStore } from '@bff/core'
import { HOUR } from '../fixtures.ts'
import type { Model } from './linearizable.ts'

/** A call that reads or writes one key. */
export type TtlOperation =
  | { readonly call: 'get' | 'take' }
  | {
      readonly call: 'set' | 'setIfAbsent' | 'extend' | 'compareAndDelete'
      readonly value: string
    }

type State = string | null

/** What the laws of `TtlStore` say of one key whose life does not end meanwhile. */
export const ttlModel: Model<State, TtlOperation> = { initial: null, step }

function step(state: State, operation: TtlOperation): { state: State; answer: unknown } {
  switch (operation.call) {
    case 'get':
      return { state, answer: state }
    case 'take':
      return { state: null, answer: state }
    case 'set':
      return { state: operation.value, answer: undefined }
    case 'setIfAbsent':
      return state === null ? { state: operation.value, answer: true } : { state, answer: false }
    case 'extend':
      return { state, answer: state === operation.value }
    case 'compareAndDelete':
      return state === operation.value ? { state: null, answer: true } : { state, answer: false }
  }
}

export async function callTtl(ttl: TtlStore, key: string, operation: TtlOperation): Promise<unknown> {
  switch (operation.call) {
    case 'get':
      return ttl.get(key)
    case 'take':
      return ttl.take(key)
    case 'set':
      await ttl.set(key, operation.value, HOUR)
      return undefined
    case 'setIfAbsent':
      return ttl.setIfAbsent(key, operation.value, HOUR)
    case 'extend':
      return ttl.extend(key, operation.value, HOUR)
    case 'compareAndDelete':
      return ttl.compareAndDelete(key, operation.value)
  }
}

/** Mostly leases taken, renewed and given back; some values set and taken. */
const CALLS = ['setIfAbsent', 'setIfAbsent', 'set', 'extend', 'compareAndDelete', 'take', 'get'] as const

export function onOneKey(random: (below: number) => number): TtlOperation {
  const call = CALLS[random(CALLS.length)] ?? 'get'
  return call === 'get' || call === 'take' ? { call } : { call, value: `holder ${random(3)}` }
}
