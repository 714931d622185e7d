// users.ts
import { randomUUID } from 'node:crypto'
import Database from 'better-sqlite3'

/** The database of better-auth, with its tables `user` and `account`. */
export const database = new Database(process.env['DATABASE'] ?? 'shop.db')

const findAccount = database
  .prepare<[string], string>("SELECT userId FROM account WHERE providerId = 'shop' AND accountId = ?")
  .pluck()

export const findOrCreateUser = database.transaction((subject: string, name: string, email: string) => {
  return findAccount.get(subject) ?? createUser(subject, name, email)
})

function createUser(subject: string, name: string, email: string): string {
  const id = randomUUID()
  const now = new Date().toISOString()
  database
    .prepare(
      'INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 0, ?, ?)',
    )
    .run(id, name, email, now, now)
  database
    .prepare(
      'INSERT INTO account (id, accountId, providerId, userId, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(randomUUID(), subject, 'shop', id, now, now)
  return id
}

export const userById = (id: string) => database.prepare('SELECT id, name FROM user WHERE id = ?').get(id)
