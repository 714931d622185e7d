import { library } from '../../tsup.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    compose: 'src/compose/index.ts',
    'rate-limit': 'src/rate-limit/index.ts',
    'client-address': 'src/client-address/index.ts',
    dpop: 'src/dpop/index.ts',
    openapi: 'src/openapi/index.ts',
    endpoints: 'src/extensions/index.ts',
    proxy: 'src/proxy/index.ts',
    store: 'src/store/index.ts',
  },
  // Each entry is one file; the optional ones stand on the main one, so that errors and types exist once.
  splitting: false,
  external: [/^@bff\/core(\/|$)/],
})
