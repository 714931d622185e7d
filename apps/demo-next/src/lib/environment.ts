/** What the app is told from outside. Read at the first request: a build has none of it. */
export function environment() {
  return {
    /** Where browsers see this app, such as `http://localhost:3000`. */
    origin: required('APP_ORIGIN'),
    issuer: required('ISSUER'),
    clientId: required('OIDC_CLIENT_ID'),
    clientSecret: required('OIDC_CLIENT_SECRET'),
    apiOrigin: required('API_ORIGIN'),
    encryptionKey: required('BFF_ENCRYPTION_KEY'),
    /** The file of the sessions; without one they live in memory, and end with this process. */
    sqlitePath: process.env['SESSIONS_DB'],
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`Set ${name}; .env.example says what it is.`)
  return value
}
