/** The file that a program is bundled for: it registers laws, or is an app that is a fetch handler. */
declare module '$laws' {
  import type { ServedBff } from '@bff/core'
  export const fetchApp: (bff: ServedBff, request: Request) => Response | Promise<Response>
}
