import type { Endpoint } from '../contracts/endpoint.ts'
import type { Plugin, PluginContext } from '../contracts/plugin.ts'
import { refreshEndpoint } from './refresh.ts'
import { sessionEndpoint } from './session.ts'

type Descriptions = typeof import('./descriptions.ts')

// Loaded when a document is asked for: most apps never do.
const described = (name: keyof Descriptions) => async () => (await import('./descriptions.ts'))[name]

// What signs users in and out is loaded with the first of them: a server that only reads sessions needs neither. `import()`
// remembers what it has loaded, and tries again what it could not load.

function loginEndpoint(context: PluginContext): Endpoint {
  return {
    methods: {
      GET: async (request, query) => (await import('../sign-in/login.ts')).login(context, request, query),
    },
    csrfExempt: ['GET'],
    getChanges: true,
  }
}

function callbackEndpoint(context: PluginContext): Endpoint {
  const load = () => import('../sign-in/callback.ts')
  return {
    methods: {
      GET: async (request, query) => (await load()).callback(context, request, query),
      POST: async (request) => (await load()).callbackByForm(context, request),
    },
    csrfExempt: ['GET', 'POST'],
    getChanges: true,
  }
}

function logoutEndpoint(context: PluginContext): Endpoint {
  const load = () => import('./logout.ts')
  return {
    methods: {
      POST: async (request, query) => (await load()).logout(context, request, query),
      GET: async (request, query) => (await load()).logoutByLink(context, request, query),
    },
    csrfExempt: ['GET'],
    formMethods: ['POST'],
    getChanges: true,
  }
}

function logoutCallbackEndpoint(context: PluginContext): Endpoint {
  return {
    methods: { GET: async (_request, query) => (await import('./logout.ts')).logoutCallback(context, query) },
    csrfExempt: ['GET'],
  }
}

function userEndpoint(context: PluginContext): Endpoint {
  return {
    methods: {
      GET: async (request, query) => (await import('./user.ts')).user(context, request, query),
    },
  }
}

/** The endpoints that every BFF has, as a plugin. */
export function standardEndpoints(context: PluginContext): Plugin {
  const { basePath } = context.options
  const endpoints: Record<string, Endpoint> = {}
  const add = (name: string, description: keyof Descriptions, endpoint: Endpoint, opened = false) => {
    endpoints[`${basePath}/${name}`] = {
      ...endpoint,
      limit: { bucket: name, ignoreUnopened: opened },
      describe: described(description),
    }
  }
  add('login', 'LOGIN', loginEndpoint(context), true)
  add('callback', 'CALLBACK', callbackEndpoint(context))
  add('logout', 'LOGOUT', logoutEndpoint(context), true)
  add('logout/callback', 'LOGOUT_CALLBACK', logoutCallbackEndpoint(context))
  add('session', 'SESSION', sessionEndpoint(context))
  add('user', 'USER', userEndpoint(context))
  add('refresh', 'REFRESH', refreshEndpoint(context))
  return { endpoints }
}
