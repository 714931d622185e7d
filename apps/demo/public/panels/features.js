/**
 * The code beside each feature, by demo, and the document about it. `lines` are in the file as they are here.
 *
 * @type {Record<string, {
 *   document: { file: string, title: string },
 *   code: Record<'fastify' | 'next', { file: string, lines: string }[]>,
 * }>}
 */
export const FEATURES = {
  trace: {
    document: { file: 'docs/guides/calling-apis.md', title: 'Calling APIs' },
    code: {
      fastify: [
        {
          file: 'apps/demo/src/server.ts',
          lines: `proxy: apiProxy({
  routes: [{ path: '/api', target: apiOrigin }],
  upstream: panels.watched(undiciUpstream()),
}),`,
        },
      ],
      next: [
        {
          file: 'apps/demo-next/src/lib/bff.ts',
          lines: `proxy: apiProxy({
  routes: [{ path: '/api', target: apiOrigin }],
  upstream: panels.watched(undiciUpstream()),
}),`,
        },
        {
          file: 'apps/demo-next/src/app/api/[[...path]]/route.ts',
          lines: `export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers`,
        },
      ],
    },
  },
  attacks: {
    document: { file: 'docs/security.md', title: 'Security: what stops which attack' },
    code: {
      fastify: [
        { file: 'apps/demo/src/server.ts', lines: `deviceBinding({ proofLifeMs: PROOF_LIFE_MS }),` },
        {
          file: 'apps/demo/public/bff.js',
          lines: `/** Who is signed in, as this page and its other tabs know it. It sends the CSRF header, too. */
export const bff = createBffClient({ pollMs: 15_000 })`,
        },
      ],
      next: [
        { file: 'apps/demo-next/src/lib/bff.ts', lines: `deviceBinding({ proofLifeMs: PROOF_LIFE_MS }),` },
        {
          file: 'apps/demo-next/src/actions.ts',
          lines: `const session = await requireSession()
const order = { item: String(form.get('item') ?? '').trim(), quantity: Number(form.get('quantity')) }
const response = await callOrders(session, '/orders', {`,
        },
      ],
    },
  },
  outages: {
    document: { file: 'docs/operate/troubleshooting.md', title: 'Troubleshooting' },
    code: {
      fastify: [
        {
          file: 'apps/demo/public/messages.js',
          lines: `store_unavailable:
  'The session store does not answer right now. Your session is kept. Try again in a moment.',`,
        },
      ],
      next: [
        {
          file: 'apps/demo-next/src/lib/orders.ts',
          lines: `const response = await callOrders(session, '/orders')
return response.ok ? ((await response.json()) as readonly Order[]) : null`,
        },
      ],
    },
  },
}
