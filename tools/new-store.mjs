import { createPackage } from './new-package.mjs'

/** @type {import('./new-package.mjs').Kind} */
const STORE = {
  template: 'store-memory',
  folder: (name) => `store-${name}`,
  hint: 'pnpm new:store dynamodb',
  rename:
    ({ name, camel, pascal }) =>
    (text) =>
      text
        .replaceAll('store-memory', `store-${name}`)
        .replaceAll(/\bmemory(?=[A-Z])/g, camel)
        .replaceAll(/Memory(?=[A-Z])/g, pascal),
  description: (name) => `The ${name} session store of @bff/core.`,
  changes: (name) => `Sessions in ${name}.`,
}

/**
 * Makes a package `store-<name>` from the in-memory store.
 *
 * @param {string} root
 * @param {string} name such as `dynamodb` or `cloudflare-kv`
 * @returns {string} its folder, relative to the root
 */
export const createStore = (root, name) => createPackage(root, name, STORE)
