import { fileURLToPath } from 'node:url'
import { buildNext } from '../../../../tools/next-build.mjs'

/** The one production build all tests look at. */
export default () => buildNext(fileURLToPath(new URL('../..', import.meta.url)))
