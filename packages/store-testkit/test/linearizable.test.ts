import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Call, findOrder, type Model } from '../src/history/linearizable.ts'

type Operation = { readonly call: 'read' } | { readonly call: 'write'; readonly value: number }

const register: Model<number, Operation> = {
  initial: 0,
  step: (state, operation) =>
    operation.call === 'read' ? { state, answer: state } : { state: operation.value, answer: 'done' },
}

const read = (answer: number, start: number, end: number): Call<Operation> => ({
  client: 0,
  operation: { call: 'read' },
  start,
  end,
  answer,
})

const write = (value: number, start: number, end: number): Call<Operation> => ({
  client: 1,
  operation: { call: 'write', value },
  start,
  end,
  answer: 'done',
})

describe('a register', () => {
  test.each([
    ['a read after a write sees it', true, [write(1, 0, 1), read(1, 2, 3)]],
    ['a read after a write does not see what was before', false, [write(1, 0, 1), read(0, 2, 3)]],
    ['a read during a write may see either', true, [write(1, 0, 5), read(0, 1, 2), read(1, 3, 4)]],
    ['two reads during a write do not go back', false, [write(1, 0, 5), read(1, 1, 2), read(0, 3, 4)]],
    [
      'a write nobody heard of may take effect late',
      true,
      [write(1, 0, Infinity), read(0, 1, 2), read(1, 3, 4)],
    ],
    ['a write nobody heard of may never take effect', true, [write(1, 0, Infinity), read(0, 1, 2)]],
    [
      'a write nobody heard of takes effect once',
      false,
      [write(1, 0, Infinity), read(1, 1, 2), write(2, 3, 4), read(1, 5, 6)],
    ],
  ])('%s', (_name, expected, calls) => {
    expect(findOrder(calls, register).linearizable).toBe(expected)
  })

  test('the longest order that explains some of it leaves out what does not fit', () => {
    const calls = [write(1, 0, 1), read(1, 2, 3), read(7, 4, 5), read(1, 6, 7)]
    expect(findOrder(calls, register).order).toEqual(calls.slice(0, 2))
  })

  test('the search agrees with trying every order', () => {
    const call = fc.record({
      operation: fc.oneof(
        fc.constant<Operation>({ call: 'read' }),
        fc.integer({ min: 0, max: 2 }).map<Operation>((value) => ({ call: 'write', value })),
      ),
      answer: fc.integer({ min: 0, max: 2 }),
      start: fc.integer({ min: 0, max: 12 }),
      length: fc.option(fc.integer({ min: 1, max: 6 }), { nil: Infinity, freq: 4 }),
    })
    const history = fc.array(call, { maxLength: 6 }).map((all) =>
      all.map(({ operation, answer, start, length }, client) => ({
        client,
        operation,
        start: start * 2,
        end: start * 2 + length * 2 - 1,
        answer: operation.call === 'read' ? answer : 'done',
      })),
    )
    fc.assert(
      fc.property(history, (calls) => {
        expect(findOrder(calls, register).linearizable).toBe(someOrderFits(calls, register.initial))
      }),
      { numRuns: 2000 },
    )
  })
})

/** By the definition, without any of the search's short cuts. */
function someOrderFits(left: readonly Call<Operation>[], state: number): boolean {
  if (left.every((call) => call.end === Infinity)) return true
  return left.some((call) => {
    const others = left.filter((other) => other !== call)
    if (others.some((other) => other.end < call.start)) return false
    const next = register.step(state, call.operation)
    return (call.end === Infinity || next.answer === call.answer) && someOrderFits(others, next.state)
  })
}
