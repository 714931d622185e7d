import type { Endpoint } from '../contracts/endpoint.ts'
import type { Plugin, PluginContext } from '../contracts/plugin.ts'
import { callback, callbackByForm } from '../sign-in/callback.ts'
import { login } from '../sign-in/login.ts'
import { logout, logoutByLink, logoutCallback } from './logout.ts'
import { refreshEndpoint } from './refresh.ts'
import { sessionEndpoint } from './session.ts'
import { user } from './user.ts'

type Descriptions = typeof import('./descriptions.ts')

// Loaded when a document is asked for: most apps never do.
const described = (name: keyof Descriptions) => async () => (await import('./descriptions.ts'))[name]

function loginEndpoint(context: PluginContext): Endpoint {
  return {
    methods: { GET: (request, query) => login(context, request, query) },
    csrfExempt: ['GET'],
    getChanges: true,
  }
}

function callbackEndpoint(context: PluginContext): Endpoint {
  return {
    methods: {
      GET: (request, query) => callback(context, request, query),
      POST: (request) => callbackByForm(context, request),
    },
    csrfExempt: ['GET', 'POST'],
    getChanges: true,
  }
}

function logoutEndpoint(context: PluginContext): Endpoint {
  return {
    methods: {
      POST: (request, query) => logout(context, request, query),
      GET: (request, query) => logoutByLink(context, request, query),
    },
    csrfExempt: ['GET'],
    formMethods: ['POST'],
    getChanges: true,
  }
}

function logoutCallbackEndpoint(context: PluginContext): Endpoint {
  return {
    methods: { GET: (_request, query) => logoutCallback(context, query) },
    csrfExempt: ['GET'],
  }
}

function userEndpoint(context: PluginContext): Endpoint {
  return { methods: { GET: (request, query) => user(context, request, query) } }
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
