import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { setting } from './src/environment.ts'

const client = new Database(setting(process.env, 'SQLITE_FILE'))
migrate(drizzle(client), {
  migrationsFolder: 'node_modules/@bff/store-drizzle/drizzle/sqlite',
  migrationsTable: 'bff_migrations',
})
client.close()
