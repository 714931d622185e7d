import { sourceAliases } from '../../tools/source-aliases.mjs'

export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  modules: ['@bff/nuxt'],
  app: { head: { htmlAttrs: { lang: 'en' }, title: 'Orders' } },
  // The packages of this workspace from their source; an app that installed them needs none of this.
  alias: sourceAliases(),
})
