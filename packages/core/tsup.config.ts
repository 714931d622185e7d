import { library } from '../../tsup.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    authoring: 'src/authoring/index.ts',
    web: 'src/web/index.ts',
    compose: 'src/compose/index.ts',
    providers: 'src/providers/index.ts',
    origins: 'src/origins/index.ts',
    frontends: 'src/frontends/index.ts',
    'rate-limit': 'src/rate-limit/index.ts',
    'client-address': 'src/client-address/index.ts',
    embedding: 'src/embedding/index.ts',
    'device-binding': 'src/device-binding/index.ts',
    dpop: 'src/dpop/index.ts',
    'key-rotation': 'src/key-rotation/index.ts',
    openapi: 'src/openapi/index.ts',
    endpoints: 'src/endpoints/index.ts',
    proxy: 'src/proxy/index.ts',
    store: 'src/store/index.ts',
  },
  // What several entries share is built once, as chunks: errors, types and cached state exist once in an install.
  splitting: true,
})
