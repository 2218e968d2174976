import { ValidationPipe, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** Starts a stock application: unmodified Express and the stock ValidationPipe, which rejects unknown fields. */
export async function listen(module: Type | { module: Type }): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: ['error'] });
  app.useGlobalPipes(
    new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }),
  );
  await app.listen(0, '127.0.0.1');
  console.log(`listening on ${await app.getUrl()}`);
}
