declare class RequestBff {
    #private;
    constructor(bff: Bff, view: RequestView);
    get session(): Session;
    authenticate(): Promise<Session | null>;
    guard(reply: FastifyReply): Promise<void>;
}
declare const bffPlugin: (app: FastifyInstance, { bff, webSockets }: BffPluginOptions) => Promise<void>;
declare const requireSession: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
declare module 'fastify' {
    interface FastifyRequest {
        bff: RequestBff;
    }
}
export { RequestBff, bffPlugin, requireSession, type BffPluginOptions };
import { Bff, RequestView, Session } from '@bff/core';
import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
interface BffPluginOptions {
    readonly bff: Bff;
    readonly webSockets?: boolean;
}
