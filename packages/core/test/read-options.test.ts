import { describe, expect, it } from 'vitest'
import { option, readOptions, requireOneOf } from '../src/authoring/index.ts'

const RULES = {
  intervalMs: option.number(1_000, 0, 60_000),
  batch: option.wholeNumber(100, 1, 1_000),
  mode: option.oneOf(['local', 'closed']),
  strict: option.flag(false),
  url: option.text('https://id.example.com'),
  path: option.path('/bff'),
  header: option.token('x-csrf'),
  origins: option.listOf(option.origin()),
  clock: option.given(Date),
}

const read = (options: object) => readOptions('myStore', options, RULES)

describe('readOptions', () => {
  it('fills in the default of each option that is left out or undefined', () => {
    const defaults = {
      intervalMs: 1_000,
      batch: 100,
      mode: 'local',
      strict: false,
      url: 'https://id.example.com',
      path: '/bff',
      header: 'x-csrf',
      origins: [],
      clock: Date,
    }
    expect(read({})).toEqual(defaults)
    expect(read({ batch: undefined, mode: undefined })).toEqual(defaults)
    expect(read({ clock: null })).toEqual(defaults)
    expect(readOptions('myStore', undefined, RULES)).toEqual(defaults)
  })

  it('returns the values it is given, the bounds of a range included', () => {
    const given = { intervalMs: 60_000, batch: 1, mode: 'closed', strict: true, path: '/auth/bff' }
    expect(read({ ...given, origins: ['http://localhost:3000'] })).toMatchObject({
      ...given,
      origins: ['http://localhost:3000'],
    })
  })

  it.each([
    [{ intervalMs: 60_001 }, 'myStore: intervalMs must be a number from 0 to 60000.'],
    [{ intervalMs: '10' }, 'myStore: intervalMs must be a number from 0 to 60000.'],
    [{ intervalMs: Number.NaN }, 'myStore: intervalMs must be a number from 0 to 60000.'],
    [{ batch: 1.5 }, 'myStore: batch must be a whole number from 1 to 1000.'],
    [{ mode: 'open' }, 'myStore: mode must be one of: local, closed.'],
    [{ strict: 'yes' }, 'myStore: strict must be true or false.'],
    [{ url: 5 }, 'myStore: url must be a text.'],
    [{ url: '' }, 'myStore: url is empty. Set it, or its environment variable: it must be a text.'],
    [{ url: ' ' }, 'myStore: url is empty. Set it, or its environment variable: it must be a text.'],
    [
      { mode: '' },
      'myStore: mode is empty. Set it, or its environment variable: it must be one of: local, closed.',
    ],
    [{ path: '/bff/' }, 'myStore: path must be a path such as /bff, without a slash at its end.'],
    [{ header: 'x csrf' }, 'myStore: header must be a token of letters, digits and -._~.'],
    [{ origins: 'https://app.example.com' }, 'myStore: origins must be a list.'],
    [
      { origins: ['http://app.example.com'] },
      'myStore: origins lists a value that is not valid: each must use https; plain http is only for localhost and 127.0.0.1.',
    ],
    [
      { batches: 1 },
      'Unknown option batches of myStore. Known options are: intervalMs, batch, mode, strict, url, path, header, origins, clock.',
    ],
  ])('refuses %j with the values that the option accepts', (options, message) => {
    expect(() => read(options)).toThrowError(expect.objectContaining({ code: 'invalid_config', message }))
  })

  it.each([
    [option.wholeNumber(10, 1), 0, 'must be a whole number above zero'],
    [option.wholeNumber(10, 5), 4, 'must be a whole number, at least 5'],
  ])('says the lower bound where there is no upper one', (rule, value, sentence) => {
    expect(() => readOptions('myStore', { max: value }, { max: rule })).toThrowError(
      `myStore: max ${sentence}.`,
    )
    expect(readOptions('myStore', { max: 1e9 }, { max: rule })).toEqual({ max: 1e9 })
  })

  it('refuses null and what is no object', () => {
    for (const options of [null, 'local', 7])
      expect(() => Reflect.apply(read, null, [options])).toThrowError(
        expect.objectContaining({ code: 'invalid_config' }),
      )
  })
})

describe('requireOneOf', () => {
  const NAMES = ['url', 'path', 'client'] as const
  const chosen = (options: { url?: string | undefined; path?: string; client?: object }) =>
    requireOneOf('myStore', options, NAMES)

  it('returns the name of the one option that is set', () => {
    expect(chosen({ path: 'file' })).toBe('path')
    expect(chosen({ url: undefined, client: {} })).toBe('client')
  })

  it.each([
    [{}, 'myStore: url, path and client are missing. Set one of them, or its environment variable.'],
    [{ client: {}, url: 'secret' }, 'myStore: url and client exclude each other. Set one of them.'],
    [{ client: {}, url: '', path: '' }, 'myStore: url, path and client exclude each other. Set one of them.'],
  ])('refuses %o, and names options and no values', (options, message) => {
    expect(() => chosen(options)).toThrow(expect.objectContaining({ code: 'invalid_config', message }))
  })
})
