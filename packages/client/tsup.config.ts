import { library } from '../../tsup.base.ts'

export default library({
  entry: {
    index: 'src/index.ts',
    react: 'src/react/index.ts',
    vue: 'src/vue/index.ts',
    svelte: 'src/svelte/index.ts',
    solid: 'src/solid/index.ts',
    angular: 'src/angular/index.ts',
  },
  platform: 'browser',
  target: 'es2022',
  // Tree-shaking is the app's bundler's; here it would drop 'use client'.
  treeshake: false,
})
