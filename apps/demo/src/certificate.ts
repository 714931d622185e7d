import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { StartError } from './start-error.ts'

export interface Certificate {
  /** PEM. */
  readonly key: string
  /** PEM. */
  readonly cert: string
  /** The hash of its key, by which a browser can be told to trust it. */
  readonly spki: string
}

/**
 * Makes a certificate for `localhost` that no authority has signed.
 *
 * @throws StartError when `openssl` is not installed
 */
export function selfSignedCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'bff-certificate-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '7']
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    openssl('req', '-x509', ...made, ...names, '-keyout', key, '-out', cert)
    const publicKey = join(folder, 'public.der')
    openssl('pkey', '-in', key, '-pubout', '-outform', 'der', '-out', publicKey)
    const spki = openssl('dgst', '-sha256', '-binary', publicKey).toString('base64')
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), spki }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openssl(...given: string[]): Buffer {
  try {
    return execFileSync('openssl', given, { stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new StartError(
      'https needs a certificate, and openssl is not installed. Install it, or start without --https.',
    )
  }
}

/**
 * Lets `fetch` in this process trust the certificate: the provider sends its logout tokens to the app, and the API reads the
 * app's keys. Returns the function that ends the trust.
 */
export function trustInThisProcess({ cert }: Certificate): () => Promise<void> {
  const before = getGlobalDispatcher()
  const trusting = new Agent({ connect: { ca: [...rootCertificates, cert] } })
  setGlobalDispatcher(trusting)
  return async () => {
    setGlobalDispatcher(before)
    await trusting.destroy()
  }
}

/** What lets Chromium trust the certificate and bind sessions, with keys in a file where there is no chip for them. */
export const browserFlagsFor = ({ spki }: Certificate): readonly string[] => [
  `--ignore-certificate-errors-spki-list=${spki}`,
  '--enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting',
]

/** How to open the app so that the browser trusts it and binds sessions: elsewhere it warns, and binds none. */
export const browserHint = (certificate: Certificate, origin: string): string =>
  [
    '  No authority has signed the certificate. A Chromium that trusts it, and binds sessions:',
    `  chromium --user-data-dir="$(mktemp -d)" ${browserFlagsFor(certificate).join(' ')} ${origin}`,
  ].join('\n')
