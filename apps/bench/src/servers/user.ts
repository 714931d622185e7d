/** What a session holds in every peer, as an app would keep it. */
export const USER = {
  userId: 'alice',
  name: 'Alice',
  email: 'alice@example.com',
  accessToken: 'a'.repeat(900),
}
