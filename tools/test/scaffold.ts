import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { link, linkDependencies, listFiles } from '../packages.mjs'
import { bin, root } from '../process.mjs'

const SHARED = [
  'tsconfig.base.json',
  'tsup.base.ts',
  'vitest.base.ts',
  'biome.json',
  '.gitignore',
  'tools/boundaries.mjs',
  'tools/packages.mjs',
]

/** A workspace with what a new package stands on, and the package in it. */
export class Scaffold {
  readonly root: string
  readonly folder: string

  /** `create` makes the package from `template`; it may import what the template and `others` may. */
  constructor(template: string, create: (root: string) => string, others: readonly string[] = []) {
    mkdirSync(join(root, '.tools'), { recursive: true })
    this.root = mkdtempSync(join(root, '.tools/new-package-'))
    mkdirSync(join(this.root, 'tools'))
    mkdirSync(join(this.root, '.changeset'))
    for (const file of SHARED) cpSync(join(root, file), join(this.root, file))
    symlinkSync(join(root, 'node_modules'), join(this.root, 'node_modules'))
    for (const name of [template, ...others])
      cpSync(join(root, 'packages', name), join(this.root, 'packages', name), {
        recursive: true,
        filter: (path) => !/[\\/](?:node_modules|dist)$/.test(path),
      })
    this.folder = create(this.root)
    const modules = join(this.root, this.folder, 'node_modules')
    link(join(root, 'packages/core'), join(modules, '@bff/core'))
    linkDependencies(join(root, 'packages', template), modules)
  }

  /** Everything in the package, as one text. */
  get text(): string {
    return listFiles(this.root, this.folder, ['.ts', '.json', '.md'])
      .map((file) => this.read(file))
      .join('\n')
  }

  get manifest(): unknown {
    return JSON.parse(this.read(`${this.folder}/package.json`))
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8')
  }

  /** What breaks the workspace's own table of who may import what. */
  async violations(): Promise<string[]> {
    const { findViolations } = await import(pathToFileURL(join(this.root, 'tools/boundaries.mjs')).href)
    return findViolations(this.root)
  }

  /** Runs the package's tests, or those `filter` chooses, formatter and type check; the output of the tests. */
  proves(...filter: readonly string[]): string {
    const tests = this.#succeeds('vitest', this.#tests(filter))
    this.compiles()
    return tests
  }

  /** Runs formatter and type check. */
  compiles(): void {
    const folder = join(this.root, this.folder)
    this.#succeeds('biome', ['check', '--write', '--error-on-warnings', folder])
    this.#succeeds('tsc', ['-p', folder])
  }

  /** Runs tests that must fail; their output. */
  fails(...filter: readonly string[]): string {
    const { status, stdout, stderr } = this.#run('vitest', this.#tests(filter))
    expect(status).not.toBe(0)
    return `${stdout}\n${stderr}`
  }

  remove(): void {
    rmSync(this.root, { recursive: true })
  }

  #tests(filter: readonly string[]): string[] {
    return ['run', '--root', join(this.root, this.folder), ...filter]
  }

  #succeeds(tool: string, args: readonly string[]): string {
    const { status, stdout, stderr } = this.#run(tool, args)
    expect(status, `${stdout}\n${stderr}`).toBe(0)
    return stdout
  }

  #run(tool: string, args: readonly string[]) {
    const env = { ...process.env, NO_COLOR: '1' }
    return spawnSync(bin(tool), args, { cwd: this.root, encoding: 'utf8', env })
  }
}
