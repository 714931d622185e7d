import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { ask } from '../src/ask.ts'

const [DOWN, ENTER, CANCEL, BACK] = ['\u001b[B', '\r', '\u0003', '\u007f']

/** Someone who presses these keys as soon as each question is shown. */
function typist(answers: ReadonlyArray<readonly [question: string, keys: string]>) {
  const [input, output] = [new PassThrough(), Object.assign(new PassThrough(), { columns: 120 })]
  const left = [...answers]
  let shown = ''
  output.on('data', (chunk: Buffer) => {
    shown += String(chunk)
    const [question, keys] = left[0] ?? []
    if (question === undefined || !shown.includes(question)) return
    left.shift()
    shown = ''
    setImmediate(() => input.write(keys))
  })
  return { input, output }
}

it('The questions lead to an app', async () => {
  const terminal = typist([
    ['In which folder?', `${BACK.repeat(7)}shop${ENTER}`],
    ['Which framework?', DOWN + DOWN + ENTER],
    ['Where are sessions kept?', DOWN + ENTER],
    ['Who signs users in?', DOWN + ENTER],
    ['What is its issuer?', `http://id.example.com${ENTER}`],
    ['Give the issuer, an https:// address', `${BACK.repeat(21)}https://id.example.com${ENTER}`],
  ])
  expect(await ask({}, terminal)).toEqual({
    folder: 'shop',
    framework: 'hono',
    store: 'redis',
    provider: 'https://id.example.com',
  })
})

it('Only what no flag answers is asked', async () => {
  const given = { folder: 'shop', framework: 'next', provider: 'test' } as const
  const terminal = typist([['Where are sessions kept?', ENTER]])
  expect(await ask(given, terminal)).toEqual({ ...given, store: 'memory' })
})

it('Nothing comes of it when the user leaves', async () => {
  expect(await ask({}, typist([['In which folder?', CANCEL]]))).toBe(null)
})
