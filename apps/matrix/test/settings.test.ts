import { expect, test } from 'vitest'
import { settingsOf } from '../src/settings.ts'

const namesOf = (...args: string[]) => settingsOf(args).runtimes.map(({ name }) => name)

test('Every runtime is chosen without arguments, and those that are named otherwise', () => {
  expect(namesOf()).toHaveLength(6)
  expect(namesOf('--runtime', 'deno', '--runtime', 'Node 26')).toEqual(['Node 26', 'Deno'])
  expect(namesOf('--fast')).toEqual(['Node 26', 'workerd'])
})

test('An unknown runtime or argument is refused with those there are', () => {
  expect(() => settingsOf(['--runtime', 'rhino'])).toThrow(/no runtime rhino.*"workerd"/)
  expect(() => settingsOf(['--runtimes', 'bun'])).toThrow(/--runtimes/)
})

test('The patience of HTTP laws is given in seconds', () => {
  expect(settingsOf([]).patienceMs).toBe(6_000)
  expect(settingsOf(['--patience', '30']).patienceMs).toBe(30_000)
  expect(() => settingsOf(['--patience', '0'])).toThrow(/--patience/)
})

test('One kind of laws is chosen by its name, and both without it', () => {
  expect(settingsOf([]).kinds).toEqual(['http', 'store'])
  expect(settingsOf(['--kind', 'store']).kinds).toEqual(['store'])
  expect(() => settingsOf(['--kind', 'stores'])).toThrow(/no kind stores.*http, store/)
})
