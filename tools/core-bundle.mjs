import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/**
 * Run in a fresh process: loads what the argument names, and throws when that reaches for a Node module on the
 * way, by import or by `process.getBuiltinModule`.
 */
const WATCH = `
import { register } from 'node:module'
const hooks = \`export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  if (found.url.startsWith('node:')) throw new Error('import of ' + specifier)
  return found
}\`
register('data:text/javascript,' + encodeURIComponent(hooks))
process.getBuiltinModule = (name) => { throw new Error('getBuiltinModule of ' + name) }
await import(process.argv[1])
`

/**
 * What is wrong with the built core as pure ES modules.
 *
 * @param {string} folder
 * @returns {string[]}
 */
export function coreProblems(folder) {
  /** @type {{ exports: Record<string, { default: string } | string> }} */
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const entries = Object.entries(exports).flatMap(([entry, target]) =>
    typeof target === 'string' ? [] : [{ specifier: `@bff/core${entry.slice(1)}` }],
  )
  return [...importProblems(folder), ...entries.flatMap(({ specifier }) => loadProblems(folder, specifier))]
}

/**
 * What the built files import besides each other and what core depends on.
 *
 * @param {string} folder
 */
function importProblems(folder) {
  const files = readdirSync(join(folder, 'dist')).filter((name) => /\.[cm]?js$/.test(name))
  return files.flatMap((name) => {
    const text = readFileSync(join(folder, 'dist', name), 'utf8')
    const { importedFiles } = ts.preProcessFile(text, true, true)
    return importedFiles
      .filter(({ fileName }) => !fileName.startsWith('./') && fileName !== 'ipaddr.js')
      .map(({ fileName }) => `dist/${name} imports ${fileName}; core may import ipaddr.js only.`)
  })
}

/**
 * @param {string} folder
 * @param {string} specifier
 */
function loadProblems(folder, specifier) {
  try {
    // Inside the package its own name resolves to what is built.
    execFileSync(process.execPath, ['--input-type=module', '--eval', WATCH, specifier], {
      cwd: folder,
      stdio: 'pipe',
    })
    return []
  } catch (error) {
    const text = stderrOf(error)
    return [
      `${specifier} does not load without Node: ${/Error: ((?:import|getBuiltinModule) of \S+)/.exec(text)?.[1] ?? text}`,
    ]
  }
}

/**
 * @param {unknown} error of `execFileSync`
 * @returns {string}
 */
export function stderrOf(error) {
  return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
}
