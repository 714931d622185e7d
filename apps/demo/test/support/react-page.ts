import { createBffClient } from '@bff/client'
import { hydrateRoot } from 'react-dom/client'
import { reactApp } from './react-app.ts'

const client = createBffClient()
const problems: string[] = []
const root = document.querySelector('#root')
if (root === null) throw new Error('No root.')
const hydrated = hydrateRoot(root, reactApp(client), {
  onRecoverableError: (error) => problems.push(String(error)),
})

/** What the test asks for. */
Object.assign(window, {
  problems,
  unmount: () => hydrated.unmount(),
  call: async (input: string) => (await client.fetch(input)).status,
})
