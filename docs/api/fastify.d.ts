declare const bffPlugin: (app: FastifyInstance, options: BffPluginOptions) => Promise<void>;
declare function fastifyBff<Metadata>(bff: Bff<Metadata>): FastifyBff<Metadata>;
export { bffPlugin, fastifyBff, type BffPluginOptions, type FastifyBff };
import { Bff, GuardOptions, Session } from '@bff/core';
import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
interface BffPluginOptions {
    readonly bff: Bff;
    readonly webSockets?: boolean;
}
interface FastifyBff<Metadata = Readonly<Record<string, unknown>>> {
    requireSession(options?: GuardOptions): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
    getSession(request: FastifyRequest, options?: GuardOptions): Promise<Session<Metadata> | null>;
    sessionOf(request: FastifyRequest): Session<Metadata>;
}
