import type { ServedBff } from '@bff/core'
import { refuseUnknown } from '@bff/core/authoring'
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common'
import { APP_FILTER } from '@nestjs/core'
import { BffErrorFilter } from './bff-error-filter.ts'
import { BFF } from './token.ts'

export { BFF } from './token.ts'

/** Options of {@link BffModule.forRoot}. */
export interface BffModuleOptions {
  /** Makes the BFF from what `inject` names. */
  readonly useFactory: FactoryProvider<ServedBff<unknown>>['useFactory']
  /** The providers that `useFactory` gets, in order. @default none */
  readonly inject?: FactoryProvider['inject']
  /** The modules that export those providers. @default none */
  readonly imports?: ModuleMetadata['imports']
}

/**
 * Provides one BFF to the whole app, answers each `BffError` of a route as the BFF does, and closes the BFF when the app
 * closes.
 *
 * @example
 * ```ts
 * import { createBff } from '@bff/core'
 * import { BffModule } from '@bff/nest'
 * import { memoryStore } from '@bff/store-memory'
 * import { Module } from '@nestjs/common'
 *
 * const bff = BffModule.forRoot({
 *   useFactory: () =>
 *     createBff({
 *       origin: 'https://app.example.com',
 *       store: memoryStore(),
 *       encryptionKeys: [process.env.BFF_ENCRYPTION_KEY ?? ''],
 *     }),
 * })
 *
 * export class AppModule {}
 * Module({ imports: [bff] })(AppModule)
 * ```
 */
@Module({})
export class BffModule implements OnApplicationShutdown {
  @Inject(BFF) private readonly bff!: ServedBff

  /** @throws BffError `invalid_config` for an unknown option */
  static forRoot(options: BffModuleOptions): DynamicModule {
    refuseUnknown('BffModule.forRoot()', options, ['useFactory', 'inject', 'imports'])
    const { useFactory, inject = [], imports = [] } = options
    return {
      module: BffModule,
      global: true,
      imports,
      providers: [
        { provide: BFF, useFactory, inject },
        { provide: APP_FILTER, useClass: BffErrorFilter },
      ],
      exports: [BFF],
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.bff.close()
  }
}
