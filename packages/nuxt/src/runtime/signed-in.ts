import type { BffClient } from '@bff/client'
import {
  abortNavigation,
  createError,
  defineNuxtRouteMiddleware,
  navigateTo,
  useNuxtApp,
  useRouter,
  useRuntimeConfig,
} from 'nuxt/app'

/** Lets signed-in users see a page, and takes all others to the sign-in, which returns to the page. */
export default defineNuxtRouteMiddleware(async (to) => {
  const { $bff, isHydrating } = useNuxtApp()
  const client = $bff as BffClient
  // A page that is rendered at build time is the same for everybody.
  if (import.meta.prerender) return
  const isRendered = import.meta.server || (isHydrating && client.session.status !== 'unknown')
  const session = isRendered ? client.session : await client.refetch()
  if (session.status === 'signed-in') return
  if (session.status === 'unknown')
    return abortNavigation(
      createError({ statusCode: 503, message: 'The session could not be read. Try again.' }),
    )
  const { basePath = '/bff' } = useRuntimeConfig().public['bff'] as { basePath?: string }
  const query = new URLSearchParams({ returnTo: useRouter().resolve(to).href })
  return navigateTo(`${basePath === '/' ? '' : basePath}/login?${query}`, {
    external: true,
    redirectCode: 303,
  })
})
