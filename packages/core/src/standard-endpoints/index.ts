import type { Plugin, PluginContext } from '../contracts/plugin.ts'
import { callbackEndpoint } from '../sign-in/callback.ts'
import { loginEndpoint } from '../sign-in/login.ts'
import { logoutCallbackEndpoint, logoutEndpoint } from './logout.ts'
import { refreshEndpoint } from './refresh.ts'
import { sessionEndpoint } from './session.ts'
import { userEndpoint } from './user.ts'

/** The endpoints every BFF has, as a plugin like any other. */
export function standardEndpoints(context: PluginContext): Plugin {
  const { basePath } = context.options
  return {
    endpoints: {
      [`${basePath}/login`]: loginEndpoint(context),
      [`${basePath}/callback`]: callbackEndpoint(context),
      [`${basePath}/logout`]: logoutEndpoint(context),
      [`${basePath}/logout/callback`]: logoutCallbackEndpoint(context),
      [`${basePath}/session`]: sessionEndpoint(context),
      [`${basePath}/user`]: userEndpoint(context),
      [`${basePath}/refresh`]: refreshEndpoint(context),
    },
  }
}
