import { fileURLToPath } from 'node:url'
import { storeLaws } from '@bff/store-testkit'
import { build } from 'esbuild'
import { Miniflare, type WorkerOptions } from 'miniflare'

type Bindings = Pick<WorkerOptions, 'bindings' | 'd1Databases' | 'durableObjects'>

/**
 * Starts workerd with one of the Workers beside this file, or with the text of one. With bindings for `other`, the same Worker runs
 * a second time, in an isolate of its own: `OTHER` of the first is its entry point of that name.
 */
export async function startWorkerd(
  worker: { readonly file: string } | { readonly text: string },
  bindings: Bindings,
  other?: Bindings,
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
  const shared = {
    modules: true as const,
    script: outputFiles[0]?.text ?? '',
    compatibilityDate: '2026-01-01',
    compatibilityFlags: ['nodejs_compat'],
  }
  if (other === undefined) return new Miniflare({ ...shared, ...bindings })
  const serviceBindings = { OTHER: { name: 'other', entrypoint: 'Other' } }
  return new Miniflare({
    workers: [
      { name: FIRST, ...shared, ...bindings, serviceBindings },
      { name: 'other', ...shared, ...other },
    ],
  })
}

/** The name of the Worker that runs the laws, as the other one knows it. */
export const FIRST = 'first'

export interface LawsInWorkerd {
  readonly miniflare: Miniflare
  readonly laws: readonly { readonly name: string; run(): Promise<void> }[]
}

/** The laws run in workerd, beside the store: there is where its binding is called from. */
export function lawsIn(miniflare: Miniflare): LawsInWorkerd {
  const open = () => Promise.reject(new TypeError('Only the names of the laws are asked for here.'))
  const names: string[] = []
  storeLaws({ test: (name) => void names.push(name), harness: { open } })
  const run = async (body: string) => {
    const response = await miniflare.dispatchFetch('http://localhost', { method: 'POST', body })
    const text = await response.text()
    if (text !== 'holds') throw new Error(text)
  }
  return { miniflare, laws: names.map((name) => ({ name, run: () => run(name) })) }
}
