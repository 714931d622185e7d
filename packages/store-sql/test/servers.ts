import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { migrations } from './migrations.ts'

/** Makes the tables in a database of Postgres. */
export async function migratePostgres(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  for (const statement of migrations('postgres')) await client.query(statement)
  await client.end()
}

/** Makes a database with the tables in it, and returns its address. */
export async function migrateMysql(server: string): Promise<string> {
  const client = await createConnection(server)
  await client.query('create database bff')
  await client.query('use bff')
  for (const statement of migrations('mysql')) await client.query(statement)
  await client.end()
  return new URL('/bff', server).href
}
