import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/** The date of the behaviour that workerd must have. */
const COMPATIBILITY_DATE = '2026-11-01'

/** Writes the configuration that serves a bundle on a free loopback port, and may call other loopback ports. */
export function workerdConfig(bundle: string, env: Readonly<Record<string, string>>): string {
  const file = bundle.replace(/\.mjs$/, '.capnp')
  const bindings = Object.entries(env).map(
    ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`,
  )
  writeFileSync(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = (
      modules = [(name = "app", esModule = embed "${basename(bundle)}")],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = ["nodejs_compat"],
      bindings = [${bindings.join(', ')}],
      globalOutbound = "loopback",
    )),
    (name = "loopback", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "app")],
);
`,
  )
  return file
}
