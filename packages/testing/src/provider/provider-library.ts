/**
 * `oidc-provider`, loaded so that Node 20 runs it quietly: the library asks for Node 22, where `URL.parse` is
 * built in, and says so on the console at import. It uses nothing else newer than Node 20.12.
 */
if (!('parse' in URL)) {
  Object.defineProperty(URL, 'parse', {
    configurable: true,
    writable: true,
    value: (url: string | URL, base?: string | URL): URL | null =>
      URL.canParse(String(url), base === undefined ? undefined : String(base)) ? new URL(url, base) : null,
  })
}

const warn = console.warn
console.warn = (...message: unknown[]) => {
  if (!String(message[0]).includes('Unsupported runtime')) warn(...message)
}
const library = await import('oidc-provider')
console.warn = warn

export const Provider = library.Provider
export const errors = library.errors
