import { buildNext } from '../../../../tools/next-build.mjs'
import { FIXTURE } from './next-server.ts'

export default () => buildNext(FIXTURE)
