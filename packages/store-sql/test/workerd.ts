import { fileURLToPath } from 'node:url'
import { storeLaws } from '@bff/store-testkit'
import { build } from 'esbuild'
import { Miniflare, type WorkerOptions } from 'miniflare'
import { expect, test } from 'vitest'

type Bindings = Pick<WorkerOptions, 'bindings' | 'd1Databases' | 'durableObjects'>

/** Starts workerd with one of the Workers beside this file, or with the text of one. */
export async function startWorkerd(
  worker: { readonly file: string } | { readonly text: string },
  bindings: Bindings,
): Promise<Miniflare> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const { outputFiles } = await build({
    ...('file' in worker
      ? { entryPoints: [worker.file] }
      : { stdin: { contents: worker.text, loader: 'ts', resolveDir: folder } }),
    absWorkingDir: folder,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'node',
    conditions: ['@bff/source', 'workerd', 'worker'],
    external: ['cloudflare:workers'],
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  })
  return new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-01-01',
    compatibilityFlags: ['nodejs_compat'],
    ...bindings,
  })
}

/** The laws run in workerd, beside the store: there is where its binding is called from. */
export function testLawsIn(miniflare: () => Miniflare, isRun: (name: string) => boolean = () => true): void {
  const open = () => Promise.reject(new TypeError('Only the names of the laws are asked for here.'))
  const laws: string[] = []
  storeLaws({ test: (name) => void laws.push(name), harness: { open } })
  test.each(laws.filter(isRun))(
    '%s',
    async (law) => {
      const response = await miniflare().dispatchFetch('http://localhost', { method: 'POST', body: law })
      expect(await response.text()).toBe('holds')
    },
    60_000,
  )
}
