import { library } from '../../tsup.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    presets: 'src/presets.ts',
    'shared-signals': 'src/shared-signals/index.ts',
  },
  // What entries share is built once, as chunks.
  splitting: true,
})
