import { library } from '../../tsup.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    'rate-limit': 'src/rate-limit.ts',
    'node-redis': 'src/node-redis/index.ts',
  },
})
