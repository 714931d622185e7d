import type { Endpoint } from '../contracts/endpoint.ts'
import type { Plugin, PluginContext } from '../contracts/plugin.ts'
import { callbackEndpoint } from '../sign-in/callback.ts'
import { loginEndpoint } from '../sign-in/login.ts'
import { logoutCallbackEndpoint, logoutEndpoint } from './logout.ts'
import { refreshEndpoint } from './refresh.ts'
import { sessionEndpoint } from './session.ts'
import { userEndpoint } from './user.ts'

type Descriptions = typeof import('./descriptions.ts')

// Loaded when a document is asked for: most apps never do.
const described = (name: keyof Descriptions) => async () => (await import('./descriptions.ts'))[name]

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
