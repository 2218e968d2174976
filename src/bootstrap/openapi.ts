import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

/** The OpenAPI document, from the decorators. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Order service')
    .setDescription(
      'Takes orders, works them off in the background, and tells how it goes. Errors are problem documents (RFC 9457).',
    )
    .setVersion('1.0.0')
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .setOpenAPIVersion('3.0.3')
    .addServer('/', 'this node')
    .addTag('orders', 'Create and follow orders.')
    .addTag('operations', 'Metrics and probes.')
    .build();
  return SwaggerModule.createDocument(app, config);
}

/** Serves the document at `/docs-json` and Swagger UI at `/docs`, everything from this machine. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs-json',
    customSiteTitle: 'Order service',
    swaggerOptions: {
      // Swagger UI would send the document to a validator on the internet.
      validatorUrl: null,
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
  });
}
