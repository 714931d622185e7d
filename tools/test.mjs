import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bin, Failure, root, run, say } from './process.mjs'

const REPORT = '.tools/vitest.json'
/** The one line `.ci/run` ends with. */
export const SUMMARY = '.tools/tests.txt'

/**
 * Runs the tests and prints how many passed, failed and were skipped; `false` when that is no success.
 *
 * @param {readonly string[]} args passed on to vitest, such as `--project core`
 */
export async function runTests(args) {
  const folder = join(root, '.tools')
  mkdirSync(folder, { recursive: true })
  for (const file of [REPORT, SUMMARY]) rmSync(join(root, file), { force: true })
  const { code, signal } = await run(bin('vitest'), [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
    ...args,
  ])
  if (signal !== null) throw new Failure(`Stopped by ${signal}.`, 130)
  const report = readReport()
  const { passed, failed, skipped } = report
  const line = `${passed} passed, ${failed} failed, ${skipped} skipped`
  writeFileSync(join(root, SUMMARY), `${line}\n`)
  const problem = problemOf(report, code, args.length === 0)
  if (problem !== null) say(problem)
  say(line)
  return problem === null
}

/** @typedef {{ passed: number, failed: number, skipped: number, success: boolean }} Report */

/** @returns {Report} */
function readReport() {
  try {
    const report = JSON.parse(readFileSync(join(root, REPORT), 'utf8'))
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.testResults.filter(failedToLoad).length,
      skipped: report.numPendingTests + report.numTodoTests,
      success: report.success,
    }
  } catch {
    throw new Failure('vitest ended without a report; the lines above say why.')
  }
}

/**
 * A file that broke before its first test, which vitest does not count.
 *
 * @param {{ status: string, assertionResults: readonly unknown[] }} file
 */
const failedToLoad = (file) => file.status === 'failed' && file.assertionResults.length === 0

/**
 * @param {Report} report
 * @param {number} code
 * @param {boolean} whole every test was asked for
 * @returns {string | null}
 */
function problemOf(report, code, whole) {
  if (code !== 0 || !report.success) return 'Not every test passed.'
  if (report.passed === 0) return 'No test ran: check the arguments.'
  if (whole && report.skipped > 0) return 'A skipped test proves nothing: mend it or remove it.'
  return null
}
