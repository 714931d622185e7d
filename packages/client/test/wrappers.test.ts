import { Injector, runInInjectionContext } from '@angular/core'
import { createComponent } from 'solid-js'
import { renderToString as renderSolid } from 'solid-js/web'
import type { Component } from 'svelte'
import { render as renderSvelte } from 'svelte/server'
import { describe, expect, test } from 'vitest'
import { createSSRApp } from 'vue'
import { renderToString as renderVue } from 'vue/server-renderer'
import { injectSession } from '../src/angular/index.ts'
import { type BffClient, createBffClient } from '../src/index.ts'
import * as solid from '../src/solid/index.ts'
import * as svelte from '../src/svelte/index.ts'
import * as vue from '../src/vue/index.ts'

/** Renders a component on a server that shows the status, after it has compared its client with the one provided. */
type Render = (provided: BffClient | null) => string | Promise<string>

const shown = (provided: BffClient | null, found: BffClient, status: string) =>
  found === provided ? status : 'another client'

const WRAPPERS: Readonly<Record<string, readonly [render: Render, remedy: string]>> = {
  vue: [
    (client) => {
      const app = createSSRApp({
        setup() {
          const [found, session] = [vue.useBffClient(), vue.useSession()]
          return () => shown(client, found, session.value.status)
        },
      })
      // Vue also prints what it throws.
      app.config.warnHandler = () => {}
      return renderVue(client === null ? app : app.use(vue.bffPlugin, { client }))
    },
    'app.use(bffPlugin, { client })',
  ],
  svelte: [
    (client) => {
      // What Svelte compiles a component to, whose types it does not publish.
      const Shown = (output: { component(run: (inner: { push(text: string): void }) => void): void }) =>
        output.component((inner) => {
          if (client !== null) svelte.provideBffClient(client)
          inner.push(shown(client, svelte.useBffClient(), svelte.useSession().current.status))
        })
      return renderSvelte(Shown as unknown as Component).body
    },
    'provideBffClient(client)',
  ],
  solid: [
    (client) => {
      const Shown = () => shown(client, solid.useBffClient(), solid.useSession()().status)
      return renderSolid(() =>
        client === null
          ? createComponent(Shown, {})
          : createComponent(solid.BffProvider, {
              client,
              get children() {
                return createComponent(Shown, {})
              },
            }),
      )
    },
    '<BffProvider client={…}>',
  ],
}

const client = (status: 'signed-out' | null) =>
  createBffClient({
    ...(status !== null && { initialSession: { status, reason: null, error: null } }),
    fetch: () => {
      throw new Error('Asked.')
    },
  })

describe.each(Object.entries(WRAPPERS))('%s', (_, [render, remedy]) => {
  test('A server renders what it knows about the session, and asks nothing', async () => {
    expect(await render(client(null))).toContain('unknown')
    expect(await render(client('signed-out'))).toContain('signed-out')
  })

  test('A component without a client learns how to provide one', async () => {
    await expect(async () => render(null)).rejects.toThrow(remedy)
  })
})

test('Angular: a component without a client learns how to provide one', () => {
  const injector = Injector.create({ providers: [] })
  expect(() => runInInjectionContext(injector, injectSession)).toThrow('provideBffClient(client)')
})
