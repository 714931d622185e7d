declare const bffPlugin: (app: FastifyInstance, options: BffPluginOptions) => Promise<void>;
declare function fastifyBff<Metadata>(bff: ServedBff<Metadata>): FastifyBff<Metadata>;
export { bffPlugin, fastifyBff, type BffPluginOptions, type FastifyBff };
import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GuardOptions, ServedBff, Session } from '@bff/core';
interface BffPluginOptions {
    readonly bff: ServedBff<unknown>;
    readonly webSockets?: boolean;
}
interface FastifyBff<Metadata = Readonly<Record<string, unknown>>> {
    requireSession(options?: GuardOptions): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
    getSession(request: FastifyRequest, options?: GuardOptions): Promise<Session<Metadata> | null>;
    sessionOf(request: FastifyRequest): Session<Metadata>;
}
