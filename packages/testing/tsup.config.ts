import { library } from '../../tsup.base.ts'

export default library({ entry: { index: 'src/index.ts', clock: 'src/manual-clock.ts' } })
