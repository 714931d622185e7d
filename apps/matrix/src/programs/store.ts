import '$laws'
import { runLaws } from './law-run.ts'

await runLaws(JSON.parse(process.env['MATRIX_GROUPS'] ?? '[]'), console.log)
process.exit()
