import { redisStore } from '@bff/store-redis'
import { type DemoOptions, startDemo } from '../../src/server.ts'

/** One instance of the app, in a process of its own, on the sessions it shares with the others. */
export interface Instance extends Omit<DemoOptions, 'store'> {
  readonly redisUrl: string
}

const { redisUrl, ...options }: Instance = JSON.parse(process.argv[2] ?? '')
const ended: string[] = []
const demo = await startDemo({
  ...options,
  store: redisStore({ url: redisUrl, operationTimeoutMs: 30_000 }),
  onEvent: ({ type }) => {
    if (
      /^(?:session\.(?:revoked|expired|theft)|refresh\.(?:terminal|discarded|subject_mismatch))$/.test(type)
    )
      ended.push(type)
  },
})
process.on('message', () => {
  void demo.close().then(() => {
    process.send?.(ended)
    process.disconnect()
  })
})
process.send?.('ready')
