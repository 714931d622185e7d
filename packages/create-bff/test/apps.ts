import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Answers, FRAMEWORKS, STORES, writeApp } from '../src/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Every app that can be made, with the provider of a first run. */
export const COMBINATIONS: readonly Answers[] = FRAMEWORKS.flatMap((framework) =>
  STORES.map((store) => ({ folder: `${framework}-${store}`, framework, store, provider: 'test' })),
)

/** A folder below this package, so that the apps in it find the packages of the workspace. */
export function temporaryFolder(): string {
  mkdirSync(join(root, '.tools'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tools/apps-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Writes an app into a temporary folder; returns its folder. */
export function written(answers: Answers, folder = temporaryFolder()): string {
  const app = join(folder, answers.folder)
  writeApp(app, answers)
  return app
}
