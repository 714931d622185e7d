import { createConnection } from 'mysql2/promise'

/** Makes a database of MySQL with the tables in it, and returns its address. */
export async function migrateMysql(server: string, migrations: readonly string[]): Promise<string> {
  const client = await createConnection(server)
  await client.query('create database bff')
  await client.query('use bff')
  for (const statement of migrations) await client.query(statement)
  await client.end()
  return new URL('/bff', server).href
}
