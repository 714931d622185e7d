// Vite compiles these; `tsc` knows only that they are components.
declare module '*.vue' {
  const component: import('vue').Component
  export default component
}
declare module '*.svelte' {
  const component: import('svelte').Component<{ client: import('@bff/client').BffClient }>
  export default component
}
