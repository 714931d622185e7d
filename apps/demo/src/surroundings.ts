import { type ApiFailureMode, type OrdersApi, type OrdersApiOptions, startOrdersApi } from '@bff/orders-api'
import { type ProviderOptions, startProvider, type TestProvider } from '@bff/testing'
import { type Certificate, trustInThisProcess } from './certificate.ts'
import { startDocuments } from './documents.ts'
import { startForeignSite } from './foreign-site.ts'
import type { Outages } from './panels/index.ts'
import { isAddressInUse, PARTS, type Part, type Ports, portTaken, requireFreePort } from './ports.ts'

export interface SurroundingsOptions {
  readonly ports: Ports
  /** The app speaks https with it. @default none: plain http */
  readonly certificate?: Certificate | undefined
  /** How the provider differs from its defaults. */
  readonly idp?: Omit<ProviderOptions, 'port' | 'appOrigins' | 'apiAudience'>
  /** How the API fails while no switch of the page takes it down. @default 'none' */
  readonly apiFailure?: ApiFailureMode
  /** Told what starts, a line at a time. @default nobody */
  readonly onProgress?: (line: string) => void
}

interface Closable {
  close(): Promise<void>
}

/** All that runs beside the app. */
export interface Surroundings {
  readonly idp: TestProvider
  readonly api: OrdersApi
  /** The origin of the app, once it is started. */
  readonly origin: string
  readonly foreignOrigin: string
  readonly documentsOrigin: string
  /** What the failure switches take down beside the app's store. */
  readonly outages: Omit<Outages, 'store'>
  /**
   * Starts the app, and waits until it answers. When it cannot start, all that runs is stopped.
   *
   * @throws StartError when its port is taken
   */
  startApp<App extends Closable>(open: (port: number) => Promise<App>): Promise<App>
  /** Stops everything, the app first. */
  close(): Promise<void>
}

/**
 * Starts the provider, the API, the documents and a foreign site in this process. When one cannot start, those that run are
 * stopped again.
 *
 * @param walletsOf for an app that issues tokens itself: how the API knows them, by the app's origin
 * @throws StartError when a port is taken
 */
export async function startSurroundings(
  { ports, certificate, idp: idpOptions, apiFailure = 'none', onProgress = () => {} }: SurroundingsOptions,
  walletsOf?: (origin: string) => OrdersApiOptions['wallets'],
): Promise<Surroundings> {
  const running: Closable[] = []
  const close = async () => {
    for (const part of running.splice(0).reverse()) await part.close()
  }
  const origin = `${certificate === undefined ? 'http' : 'https'}://localhost:${ports.demo}`
  const apiOrigin = `http://localhost:${ports.api}`

  async function guarded<Started extends Closable>(open: () => Promise<Started>): Promise<Started> {
    try {
      const started = await open()
      running.push(started)
      return started
    } catch (error) {
      await close()
      throw error
    }
  }

  const start = <Started extends Closable>(
    part: Part,
    at: string,
    open: (port: number) => Promise<Started>,
  ): Promise<Started> =>
    guarded(async () => {
      const port = ports[part]
      try {
        await requireFreePort(part, port)
        const started = await open(port)
        await answers(at)
        onProgress(`  ${PARTS[part].name.padEnd(16)} ${at}`)
        return started
      } catch (error) {
        throw isAddressInUse(error) ? portTaken(part, port) : error
      }
    })

  if (certificate !== undefined) running.push({ close: trustInThisProcess(certificate) })
  const idp = await start('idp', `http://localhost:${ports.idp}`, (port) =>
    startProvider({ ...idpOptions, port, appOrigins: [origin], apiAudience: apiOrigin }),
  )
  const wallets = walletsOf?.(origin)
  const api = await start('api', apiOrigin, (port) =>
    startOrdersApi({
      port,
      issuer: idp.issuer,
      audience: apiOrigin,
      ...(wallets === undefined ? {} : { wallets }),
    }),
  )
  api.fail(apiFailure)
  const foreign = await guarded(() => startForeignSite(origin))
  const documents = await guarded(startDocuments)

  return {
    idp,
    api,
    origin,
    foreignOrigin: foreign.origin,
    documentsOrigin: documents.origin,
    outages: {
      api: (isDown) => api.fail(isDown ? 'reset' : apiFailure),
      provider: (isDown) => idp.fail(isDown ? 'reset' : 'none', 'all'),
    },
    startApp: (open) => start('demo', origin, open),
    close,
  }
}

/** Any answer will do, a refusal too: somebody is there. */
async function answers(origin: string): Promise<void> {
  const response = await fetch(origin, { redirect: 'manual' })
  // Read, not cancelled: the `fetch` of Next waits for its own copy.
  await response.text()
}
