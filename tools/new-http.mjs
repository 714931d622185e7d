import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPackage } from './new-package.mjs'

/** @type {import('./new-package.mjs').Kind} */
const HTTP_ADAPTER = {
  template: 'express',
  without: ['test/middleware.test.ts'],
  folder: (name) => name,
  hint: 'pnpm new:http koa',
  // The bare word is the framework, which the new adapter stands on until its author has replaced it.
  rename:
    ({ name, camel, pascal }) =>
    (text) =>
      text
        .replaceAll(/@bff\/express\b/g, `@bff/${name}`)
        .replaceAll(/project\('express'\)/g, `project('${name}')`)
        .replaceAll(/\bexpress-bff\b/g, `${name}-bff`)
        .replaceAll(/\bexpress(?=Bff)/g, camel)
        .replaceAll(/\bExpress(?=Bff)/g, pascal),
  description: (name) => `The ${name} adapter of @bff/core.`,
  changes: (name) => `The BFF as part of a ${name} app.`,
}

/**
 * Makes a package `<name>` from the Express adapter, with its row in the table of who may import what.
 *
 * @param {string} root
 * @param {string} name of the framework, such as `koa`
 * @returns {string} its folder, relative to the root
 */
export function createHttpAdapter(root, name) {
  const folder = createPackage(root, name, HTTP_ADAPTER)
  const file = join(root, 'tools/boundaries.mjs')
  const table = readFileSync(file, 'utf8')
  const row = (/** @type {string} */ line) => `${line}\n${line.replace("'express'", `'${name}'`)}`
  writeFileSync(file, table.replace(/^ *\{ of: 'express',.*$/m, row))
  return folder
}
