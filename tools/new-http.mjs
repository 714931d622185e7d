import { createPackage } from './new-package.mjs'
import { Failure } from './process.mjs'

/** @typedef {'node' | 'web'} Base what the framework passes: Node's own objects, or a `Request` */

/** @type {Record<Base, { template: string, without: string[] }>} */
const TEMPLATES = {
  node: {
    template: 'express',
    without: ['test/middleware.test.ts', 'test/other-laws.test.ts', 'test/express4.d.ts'],
  },
  web: { template: 'hono', without: ['test/middleware.test.ts'] },
}

/**
 * @param {Base} base
 * @returns {import('./new-package.mjs').Kind}
 */
function kindOf(base) {
  const { template, without } = TEMPLATES[base]
  const pascal = template.charAt(0).toUpperCase() + template.slice(1)
  const replaced = (/** @type {string} */ text) => new RegExp(text, 'g')
  return {
    template,
    without,
    folder: (name) => name,
    hint: 'pnpm new:http koa --node',
    // The bare word is the framework, which the new adapter wraps until its author has replaced it.
    rename: (names) => (text) =>
      text
        .replaceAll(replaced(`@bff/${template}\\b`), `@bff/${names.name}`)
        .replaceAll(`project('${template}')`, `project('${names.name}')`)
        .replaceAll(replaced(`\\b${template}-bff\\b`), `${names.name}-bff`)
        .replaceAll(replaced(`\\b${template}(?=Bff)`), names.camel)
        .replaceAll(replaced(`\\b${pascal}(?=Bff)`), names.pascal)
        .replaceAll(/,\s*"express4": "[^"]*"/g, ''),
    description: (name) => `The ${name} adapter of @bff/core.`,
    changes: (name) => `The BFF as part of a ${name} app.`,
    row: ({ name }, table) =>
      table.replace(
        new RegExp(`^ *\\{ of: '${template}',.*$`, 'm'),
        (line) => `${line}\n${line.replace(`'${template}'`, `'${name}'`)}`,
      ),
  }
}

/**
 * Makes a package `<name>` from the adapter of a framework that passes the same objects.
 *
 * @param {string} root
 * @param {string} name of the framework, such as `koa`
 * @param {Base} base
 * @returns {string} its folder, relative to the root
 */
export const createHttpAdapter = (root, name, base) => createPackage(root, name, kindOf(base))

/**
 * What the framework passes: as the arguments say, or as the person at the terminal answers.
 *
 * @param {readonly string[]} args
 * @param {((question: string) => Promise<string>) | null} ask `null` when nobody is there to answer
 * @returns {Promise<Base>}
 */
export async function baseOf(args, ask) {
  const given = args.find((arg) => arg === '--node' || arg === '--web')
  const answer = given?.slice(2) ?? (await ask?.(QUESTION))?.trim().toLowerCase()
  if (answer === 'node' || answer === 'web') return answer
  throw new Failure(`${QUESTION}\nSay which: pnpm new:http koa --node, or pnpm new:http elysia --web`)
}

const QUESTION =
  'Does the framework pass Node’s IncomingMessage and ServerResponse (node), or a Request for a Response (web)? '
