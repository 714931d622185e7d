import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Run in a fresh process ahead of core: records which Node modules are loaded from its first line to its last,
 * by import and by `process.getBuiltinModule`.
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
 * What is wrong with the built core as one pure ES module; `null` when nothing is.
 *
 * @param {string} dist
 * @returns {string | null}
 */
export function coreProblem(dist) {
  const scripts = readdirSync(dist).filter((name) => /\.[cm]?js$/.test(name))
  if (scripts.length !== 1 || scripts[0] !== 'index.js')
    return `dist holds ${scripts.join(', ')} instead of index.js alone`
  const entry = pathToFileURL(join(dist, 'index.js')).href
  try {
    execFileSync(process.execPath, ['--input-type=module', '--eval', WATCH, entry], { stdio: 'pipe' })
    return null
  } catch (error) {
    const text = String(error)
    return /(import|getBuiltinModule) of \S+/.exec(text)?.[0] ?? text
  }
}
