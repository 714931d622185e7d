import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The statements of the migrations this package ships, in order. */
export function migrations(engine: 'postgres' | 'mysql' | 'sqlite'): string[] {
  const folder = fileURLToPath(new URL(`../migrations/${engine}/`, import.meta.url))
  return readdirSync(folder)
    .sort()
    .flatMap((name) =>
      readFileSync(`${folder}${name}`, 'utf8')
        .split('--> statement-breakpoint')
        .map((statement) => statement.trim()),
    )
    .filter((statement) => statement !== '')
}
