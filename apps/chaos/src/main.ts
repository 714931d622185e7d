import { buildProgram } from './node/build.ts'
import { tableOf, violationsOf } from './report.ts'
import { type Result, run } from './run.ts'
import { type Settings, settingsOf, UsageError } from './settings.ts'

async function runAll({
  experiments,
  store,
  program,
  earlier,
  ...options
}: Settings): Promise<readonly Result[]> {
  const current = program ?? (await buildProgram())
  const programs = { current, earlier: earlier ?? current }
  const results: Result[] = []
  for (const experiment of experiments) {
    console.log(`\n${experiment.name}: ${experiment.about}`)
    for (const each of store === null ? experiment.stores : [store]) {
      const result = await run({ experiment, store: each, programs, ...options })
      results.push(result)
      console.log(tableOf([result]))
      if (result.violations.length > 0) console.log(violationsOf(result))
    }
  }
  return results
}

try {
  const settings = settingsOf(process.argv.slice(2))
  console.log(`seed ${settings.seed} (again: --seed ${settings.seed})`)
  const results = await runAll(settings)
  console.log(`\n${tableOf(results)}`)
  const failed = results.filter(({ outcome }) => outcome !== 'passed')
  console.log(`\n${results.length} runs, ${failed.length} of them failed or invalid, seed ${settings.seed}`)
  process.exitCode = failed.length === 0 ? 0 : 1
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(error.message)
  process.exitCode = 2
}
