import { DynamicModule, Module } from '@nestjs/common';
import { AREAS, type Settings } from './settings';

/** Provides the frozen settings to every module: a class injects the areas that it needs. */
@Module({})
export class ConfigModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: AREAS.map((area) => ({ provide: area, useValue: settings })),
      exports: [...AREAS],
    };
  }
}
