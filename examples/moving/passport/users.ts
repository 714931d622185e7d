// users.ts
/** The app's own users, by issuer and subject: a table in a real app. */
const users = new Map<string, { id: string; name: string }>()

export async function findOrCreateUser(issuer: string, subject: string, name: string) {
  const user = users.get(`${issuer}#${subject}`) ?? { id: `${issuer}#${subject}`, name }
  users.set(user.id, user)
  return user
}

export const userById = async (id: string) => users.get(id) ?? null
