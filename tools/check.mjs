import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { staleApi } from './api.mjs'
import { findViolations } from './boundaries.mjs'
import { coreProblems } from './core-bundle.mjs'
import { compileBlocks, findBlocks, findLooseExamples } from './docs-code.mjs'
import { exampleProblems } from './examples.mjs'
import { optionProblems } from './options.mjs'
import { packedProblems } from './packed.mjs'
import { bin, Failure, must, root, say } from './process.mjs'
import { proseProblems } from './prose.mjs'
import { requirementProblems } from './requirements.mjs'
import { circlesOfPackages, floorPlanProblems, privateTypesOfPackages } from './rooms.mjs'
import { buildSite } from './site.mjs'
import { entryProblems } from './size.mjs'

/** @typedef {{ property: string, holds: () => Promise<void> }} Step */

/**
 * @param {string} property what is true when the step passes
 * @param {string} remedy what to do when it does not
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Step}
 */
const command = (property, remedy, command, args) => ({
  property,
  holds: () => must(remedy, bin(command), args),
})

/**
 * @param {string} property
 * @param {string} remedy
 * @param {() => readonly string[] | Promise<readonly string[]>} find what is wrong, in sentences
 * @returns {Step}
 */
const inspection = (property, remedy, find) => ({
  property,
  holds: async () => {
    const problems = await find()
    if (problems.length > 0) throw new Failure([...problems, remedy].join('\n'))
  },
})

/** @type {readonly Step[]} */
const STEPS = [
  inspection(
    'The lockfile names no registry and no download address',
    'Never set lockfileIncludeTarballUrl or pass --registry: restore pnpm-lock.yaml and run `pnpm install` again.',
    () => readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8').match(/^.*(?:tarball:|registry\.).*$/gm) ?? [],
  ),
  command(
    'Formatting and lint rules hold',
    'Run `pnpm format`; it mends most of this. The rest is named above.',
    'biome',
    ['check', '--error-on-warnings', '.'],
  ),
  inspection(
    'Packages depend in one direction, on public entries only',
    'Change the import, or the table in tools/boundaries.mjs or tools/rooms.mjs if the architecture says so.',
    () => [...findViolations(root), ...floorPlanProblems(root), ...circlesOfPackages(root)],
  ),
  inspection(
    'Every type that a public signature names is exported',
    'Export the type from an entry of its package, or leave it out of the signature.',
    () => privateTypesOfPackages(root),
  ),
  command(
    'Types hold on source, before anything is built',
    'Mend the types. `pnpm typecheck` repeats this step.',
    'turbo',
    ['run', 'typecheck', '--output-logs=errors-only'],
  ),
  command('Types of the tools hold', 'Mend the types named above.', 'tsc', ['-p', 'tools']),
  command('Every package builds', 'Mend the build. `pnpm build` repeats this step.', 'turbo', [
    'run',
    'build',
    '--output-logs=errors-only',
  ]),
  command(
    'Published tarballs resolve in Node and bundlers',
    'Mend "exports", "publishConfig" or "files" in the package.json named above.',
    'turbo',
    ['run', 'check:pkg', '--output-logs=errors-only'],
  ),
  inspection(
    'Packed packages load in plain Node and bundled into one file, run no install script and name nothing of this workspace',
    'Mend the package.json named above.',
    () => packedProblems(root),
  ),
  inspection(
    'Every entry of core is one ES module that loads nothing of Node',
    'Keep core pure: reach node:crypto lazily, through globalThis.process?.getBuiltinModule only.',
    () => coreProblems(join(root, 'packages/core')),
  ),
  inspection(
    'Every entry loads only what it is for, and none grew without a reason',
    'Make it smaller, move what few apps use into an entry of its own, or say in a changeset why it grew.',
    () => entryProblems(),
  ),
  inspection(
    'Every code block of the documents compiles',
    'Mend the block: it must compile as a module of its own against the public API.',
    () => [...findLooseExamples(root), ...compileBlocks(root, findBlocks(root))],
  ),
  {
    property:
      'The site of the documents builds, and every link and every name in its navigation leads to a page',
    holds: buildSite,
  },
  inspection(
    'The public API changed only on purpose',
    'Read `git diff docs/api` after `pnpm api:update`, commit it if you meant it, and add a changeset.',
    () => staleApi().map((file) => `${file} is not what the packages export now.`),
  ),
  inspection(
    'Every requirement that code or tests cite has a row, and every row says where it is kept and tested',
    'Add or remove the row in docs/contribute/requirements.md, then run `pnpm requirements:update`.',
    () => requirementProblems(),
  ),
  inspection(
    'The tables of options say what the types say',
    'Change the doc comment of the option, not the table, and run `pnpm options:update`.',
    () => optionProblems(),
  ),
  inspection(
    'Every example says the same where it does the same',
    'Change examples/express, and run `pnpm examples:update`: examples/README.md says what is shared.',
    () => exampleProblems(),
  ),
  inspection(
    'Documents are written in plain words',
    'Write the word after "but", or another plain one: docs/contribute/style.md has the list and the reasons.',
    () => proseProblems(),
  ),
  command(
    'Documents and code name the same errors, events and options',
    'Bring docs/errors.md, docs/events.md or docs/configuration.md in line with the code.',
    'vitest',
    ['run', '--project', 'core', '--project', 'tools', 'errors.test', 'documents.test'],
  ),
]

/** Runs every step, also after one that fails: one run names all that is wrong. */
export async function runChecks() {
  /** @type {string[]} */
  const broken = []
  for (const { property, holds } of STEPS) {
    say(`\n▸ ${property}`)
    try {
      await holds()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      say(error.message)
      broken.push(property)
    }
  }
  if (broken.length > 0)
    throw new Failure(
      `These do not hold; each says above what to do:\n${broken.map((property) => `- ${property}`).join('\n')}`,
    )
  say('\nAll checks passed.')
}
