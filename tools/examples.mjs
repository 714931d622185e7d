import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from './packages.mjs'
import { root as workspaceRoot } from './process.mjs'

/** The example whose settings, BFF and instructions all others repeat. */
const BASE = 'express'
/** These are apps of another kind: tests, an app for tests, and the apps of the guides for moving here. */
const OTHERS = ['moving', 'test', 'testing']

/** The environment variables, the options of `createBff`, and how to start the example, each with its indentation. */
const SETTINGS = /^( *)const \{\n(\1 {2}PORT = [\s\S]*?)\n\1\} = process\.env$/m
const OPTIONS = /^( *)([\w ]*(?:= )?createBff)\(\{\n([\s\S]*?)\n\1\}\)/m
const RUN = /Run `pnpm install`[\s\S]*? and `BFF_ENCRYPTION_KEY`\.$/m

/**
 * Compares what each example repeats with the base: a stranger reads and copies one page, so the examples share no code.
 *
 * @param {string} [root]
 * @returns {string[]} what is wrong, in sentences
 */
export function exampleProblems(root = workspaceRoot) {
  return files(root).flatMap(({ path, text, expected }) =>
    expected === text ? [] : [`${path} differs from examples/${BASE} in what all examples share.`],
  )
}

/**
 * Writes into each example what the base says.
 *
 * @param {string} [root]
 * @returns {string[]} the files that changed
 */
export function updateExamples(root = workspaceRoot) {
  return files(root).flatMap(({ path, text, expected }) => {
    if (expected === text) return []
    writeFileSync(join(root, path), expected)
    return [path]
  })
}

/**
 * The file that makes the BFF, and the README, of each example.
 *
 * @param {string} root
 */
function files(root) {
  const base = partsOf(root, BASE)
  const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !OTHERS.includes(entry.name))
    .map(({ name }) => name)
  return names.flatMap((name) => {
    const { code, readme } = partsOf(root, name)
    const { settings, options } = blocksOf(base.code)
    const { settings: ownSettings, options: ownOptions } = blocksOf(code)
    const expected = code.text
      .replace(SETTINGS, () => indented(settings[0], settings[1], ownSettings[1]))
      .replace(OPTIONS, () => {
        const given = indented(options[3], options[1], ownOptions[1])
        return `${ownOptions[1]}${ownOptions[2]}({\n${fitting(given, code.text)}\n${ownOptions[1]}})`
      })
    const [instructions = ''] = block(base.readme, RUN)
    const run = instructions.replaceAll(`example-${BASE}`, `example-${name}`)
    block(readme, RUN)
    return [
      { ...code, expected },
      { ...readme, expected: readme.text.replace(RUN, () => run) },
    ]
  })
}

/**
 * @param {string} root
 * @param {string} name
 */
function partsOf(root, name) {
  const folder = `examples/${name}`
  const paths = listFiles(root, folder, ['.ts'])
  const path = paths.find((file) => readFileSync(join(root, file), 'utf8').includes('createBff({'))
  if (path === undefined) throw new Error(`${folder} has no file that makes a BFF with createBff.`)
  /** @param {string} file */
  const part = (file) => ({ path: file, text: readFileSync(join(root, file), 'utf8') })
  return { code: part(path), readme: part(`${folder}/README.md`) }
}

/** @typedef {{ readonly path: string, readonly text: string }} Part */

/** @param {Part} part */
const blocksOf = (part) => ({ settings: block(part, SETTINGS), options: block(part, OPTIONS) })

/**
 * @param {Part} part
 * @param {RegExp} shape
 * @returns {string[]} the match and its groups
 */
function block({ path, text }, shape) {
  const found = shape.exec(text)
  if (found === null) throw new Error(`${path} has nothing of the form ${shape}, which all examples have.`)
  return found.map(String)
}

/**
 * @param {string} [text]
 * @param {string} [from]
 * @param {string} [to]
 */
const indented = (text = '', from = '', to = '') =>
  text
    .split('\n')
    .map((line) => to + line.slice(from.length))
    .join('\n')

/**
 * The two differences that frameworks need: whether the file needs the origin again, and whether it runs on Node alone.
 *
 * @param {string} options
 * @param {string} text
 */
const fitting = (options, text) =>
  options
    .replace(
      'origin,',
      text.includes('const origin =') ? 'origin,' : `origin: \`http://localhost:\${PORT}\`,`,
    )
    .replace(', upstream: undiciUpstream()', (upstream) => (text.includes('undiciUpstream') ? upstream : ''))
