declare class RequestBff<Metadata = Readonly<Record<string, unknown>>> {
    #private;
    constructor(bff: Bff<Metadata> | null, view: RequestView);
    get session(): Session<Metadata>;
    authenticate(): Promise<Session<Metadata> | null>;
    guard(reply: FastifyReply, csrf?: CsrfCheck | false): Promise<void>;
}
declare const bffPlugin: (app: FastifyInstance, { bff, webSockets }: BffPluginOptions) => Promise<void>;
declare const requireSession: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
declare const requireSessionBy: (csrf: CsrfCheck | false) => (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
declare function fastifyBff<Metadata>(bff: Bff<Metadata>): FastifyBff<Metadata>;
declare module 'fastify' {
    interface FastifyRequest {
        bff: RequestBff;
    }
}
export { RequestBff, bffPlugin, fastifyBff, requireSession, requireSessionBy, type BffPluginOptions, type FastifyBff };
import { Bff, CsrfCheck, RequestView, Session } from '@bff/core';
import { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
interface BffPluginOptions {
    readonly bff: Bff;
    readonly webSockets?: boolean;
}
interface FastifyBff<Metadata> {
    requireSession(request: FastifyRequest, reply: FastifyReply): Promise<void>;
    requireSessionBy(csrf: CsrfCheck | false): FastifyBff<Metadata>['requireSession'];
    of(request: FastifyRequest): RequestBff<Metadata>;
}
