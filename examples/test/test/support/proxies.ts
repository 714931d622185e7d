import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@bff/servers'
import { onTestFinished } from 'vitest'

/** The host of the documented configurations. */
export const HOST = 'app.example.com'

interface Place {
  /** A folder of this test, with `app.crt`, `app.key` and both in `app.pem`. */
  readonly folder: string
  readonly port: number
  readonly bffPort: number
}

interface Proxy {
  readonly file: string
  /** The documented configuration with the ports and the certificate of the test, and what a program in a test needs. */
  readonly configure: (documented: string, place: Place) => string
  readonly command: (conf: string, place: Place) => readonly [program: string, ...args: string[]]
}

const PROXIES = {
  nginx: {
    file: 'nginx.conf',
    configure(documented, { folder, port }) {
      const site = documented
        .replace('listen 443', `listen 127.0.0.1:${port}`)
        .replaceAll('/etc/nginx/tls/', `${folder}/`)
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${folder}/${name};`)
        .join('\n')
      return `daemon off;\nmaster_process off;\npid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${site}\n}\n`
    },
    command: (conf, { folder }) => ['nginx', '-c', conf, '-p', folder, '-e', 'stderr'],
  },
  haproxy: {
    file: 'haproxy.cfg',
    configure: (documented, { folder, port }) =>
      documented.replace('bind :443', `bind 127.0.0.1:${port}`).replace('/etc/haproxy/tls/', `${folder}/`),
    command: (conf) => ['haproxy', '-db', '-f', conf],
  },
  caddy: {
    file: 'Caddyfile',
    configure(documented, { folder, port }) {
      const tls = `bind 127.0.0.1\n\ttls ${folder}/app.crt ${folder}/app.key`
      const site = documented.replace(`${HOST} {`, `${HOST}:${port} {\n\t${tls}`)
      return `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${folder}/storage\n}\n${site}`
    },
    command: (conf) => ['caddy', 'run', '--config', conf, '--adapter', 'caddyfile'],
  },
} satisfies Record<string, Proxy>

export type ProxyName = keyof typeof PROXIES

/** Starts a reverse proxy with its configuration of docs/operate, until the test is over. */
export async function startProxy(name: ProxyName, bffPort: number): Promise<{ port: number; ca: string }> {
  const folder = mkdtempSync(join(tmpdir(), `bff-${name}-`))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const ca = makeCertificate(folder)
  const place: Place = { folder, bffPort, port: await freePort() }
  const { file, configure, command }: Proxy = PROXIES[name]
  const documented = readFileSync(new URL(`../../../../docs/operate/${file}`, import.meta.url), 'utf8')
  const conf = join(folder, file)
  writeFileSync(conf, configure(documented.replaceAll('127.0.0.1:3000', `127.0.0.1:${bffPort}`), place))
  const [program, ...args] = command(conf, place)
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, HOME: folder } })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL') // Caddy would wait for open streams
    await ended
  })
  return { port: place.port, ca }
}

function makeCertificate(folder: string): string {
  const [crt, key] = [join(folder, 'app.crt'), join(folder, 'app.key')]
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1'.split(' ')
  const names = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`]
  execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', crt], { stdio: 'ignore' })
  const certificate = readFileSync(crt, 'utf8')
  writeFileSync(join(folder, 'app.pem'), certificate + readFileSync(key, 'utf8'))
  return certificate
}
