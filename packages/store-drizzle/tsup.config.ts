import { library } from '../../tsup.base.ts'

export default library({
  entry: { sqlite: 'src/sqlite/index.ts', postgres: 'src/postgres/index.ts', mysql: 'src/mysql/index.ts' },
})
