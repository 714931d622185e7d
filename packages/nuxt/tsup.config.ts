import { library } from '../../tsup.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    server: 'src/server.ts',
    'runtime/page-client': 'src/runtime/page-client.ts',
    'runtime/signed-in': 'src/runtime/signed-in.ts',
  },
  external: [/^nuxt/],
})
