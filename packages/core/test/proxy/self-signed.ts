import { generateKeyPairSync, sign } from 'node:crypto'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const long = content.length > 127
  const length = long ? [0x82, content.length >> 8, content.length & 255] : [content.length]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const time = (text: string) => der(0x17, Buffer.from(text))
const pem = (label: string, content: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(content).toString('base64')}\n-----END ${label}-----\n`

const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const NOBODY = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from('nobody vouches for this')))))

/** A fresh key with an X.509 certificate that only it signed. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serial = der(0x02, Buffer.from([1]))
  const validity = sequence(time('200101000000Z'), time('491231000000Z'))
  const subject = publicKey.export({ type: 'spki', format: 'der' })
  const signed = sequence(serial, ECDSA_SHA256, NOBODY, validity, NOBODY, subject)
  const signature = der(0x03, Buffer.from([0]), sign('sha256', signed, privateKey))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: pem('CERTIFICATE', sequence(signed, ECDSA_SHA256, signature)),
  }
}
