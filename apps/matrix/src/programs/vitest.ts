/** As much of a test runner as the files with laws ask of theirs; what is no law is not run. */

interface Registered {
  readonly name: string
  readonly run: () => unknown
  /** The law must fail here: a limit of the host, by its name in the file. */
  readonly fails: boolean
}

export const registered: Registered[] = []
const before: (() => unknown)[] = []
const after: (() => unknown)[] = []
const groups: Promise<unknown>[] = []
let path: string[] = []

const nameOf = (name: string) => [...path, name].join(' › ')

export const test = Object.assign(
  (name: string, run: () => unknown) => void registered.push({ name: nameOf(name), run, fails: false }),
  {
    fails: (name: string, run: () => unknown) =>
      void registered.push({ name: nameOf(name), run, fails: true }),
    each: () => () => {},
  },
)
export const it = test

/** One group at a time has its name on the path: those with an async body are begun one after the other. */
let last: Promise<unknown> = Promise.resolve()

export function describe(name: string, body: () => unknown): void {
  const enclosing = path
  const enter = () => {
    path = [...enclosing, name]
    try {
      return body()
    } finally {
      path = enclosing
    }
  }
  if (!isAsync(body)) return void enter()
  last = last.then(async () => {
    path = [...enclosing, name]
    await body()
    path = enclosing
  })
  groups.push(last)
}

const isAsync = (body: () => unknown) => body.constructor.name === 'AsyncFunction'

export const beforeAll = (run: () => unknown) => void before.push(run)
export const afterAll = (run: () => unknown) => void after.unshift(run)
export const [beforeEach, afterEach, onTestFinished] = [() => {}, () => {}, () => {}]

export const vi = {
  spyOn: (object: Record<string, unknown>, name: string) => ({
    mockImplementation: (replacement: unknown) => {
      object[name] = replacement
    },
  }),
}

const asked = () => {
  throw new TypeError('A law must not need the runner.')
}
export const [expect, expectTypeOf, inject] = [asked, asked, asked]

/** Resolves once every group is registered and what comes before the laws is done. */
export async function ready(): Promise<void> {
  await Promise.all(groups)
  for (const run of before) await run()
}

export async function finish(): Promise<void> {
  for (const run of after) await run()
}
