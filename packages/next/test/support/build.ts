import { buildNext } from '../../../../tools/next-build.mjs'
import { FIXTURE, NEW_APP } from './next-server.ts'

export default async () => {
  await buildNext(FIXTURE)
  await buildNext(NEW_APP)
}
