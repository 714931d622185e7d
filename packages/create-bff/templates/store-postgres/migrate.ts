import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { setting } from './src/environment.ts'

const client = postgres(setting(process.env, 'DATABASE_URL'), { max: 1, onnotice: () => {} })
await migrate(drizzle(client), {
  migrationsFolder: 'node_modules/@bff/store-drizzle/drizzle/postgres',
  migrationsTable: 'bff_migrations',
})
await client.end()
