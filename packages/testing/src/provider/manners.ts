import type Provider from 'oidc-provider'
import type { ProviderSettings } from './options.ts'

/** Makes the token endpoint answer as other providers do where they differ from this library. */
export function addManners(provider: Provider, tokenPath: string, settings: ProviderSettings): void {
  provider.use(async (ctx, next) => {
    await next()
    if (ctx.path !== tokenPath || !isRecord(ctx.body)) return
    if (ctx.body['error'] === 'invalid_grant') ctx.status = settings.invalidGrantStatus
    if (settings.announceRefreshTokenLifetime && ctx.body['refresh_token'] !== undefined) {
      ctx.body = { ...ctx.body, refresh_expires_in: settings.refreshTokenLifetime }
    }
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
