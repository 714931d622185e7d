import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What every composition is configured with. Nothing answers at these addresses: the first answer needs none of them. */
export const ISSUER = {
  issuer: 'https://id.example.com',
  clientId: 'app',
  clientSecret: 'a secret of the app',
}
export const APP = {
  onEvent: () => {},

  origin: 'https://app.example.com',
  encryptionKeys: [Buffer.alloc(32, 7).toString('base64url')],
}

export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.(`http://127.0.0.1:${port}`)
  })
}
