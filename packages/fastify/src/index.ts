export { type FastifyBff, fastifyBff } from './fastify-bff.ts'
export { type BffPluginOptions, bffPlugin } from './plugin.ts'
