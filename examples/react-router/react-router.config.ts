import type { Config } from '@react-router/dev/config'

export default {
  // React Router 7 runs middleware only with this setting.
  future: { v8_middleware: true },
} satisfies Config
