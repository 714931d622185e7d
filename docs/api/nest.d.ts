declare class BffModule implements OnApplicationShutdown {
    private readonly bff;
    static forRoot(options: BffModuleOptions): DynamicModule;
    onApplicationShutdown(): Promise<void>;
}
declare const BFF: unique symbol;
declare const CurrentSession: () => ParameterDecorator;
declare function OptionalSession(options?: GuardOptions): ClassDecorator & MethodDecorator;
declare function RequireSession(options?: GuardOptions): ClassDecorator & MethodDecorator;
export { BFF, BffModule, CurrentSession, OptionalSession, RequireSession, type BffModuleOptions };
import { DynamicModule, FactoryProvider, ModuleMetadata, OnApplicationShutdown } from '@nestjs/common';
import { GuardOptions, ServedBff } from '@bff/core';
interface BffModuleOptions {
    readonly useFactory: FactoryProvider<ServedBff<unknown>>['useFactory'];
    readonly inject?: FactoryProvider['inject'];
    readonly imports?: ModuleMetadata['imports'];
}
