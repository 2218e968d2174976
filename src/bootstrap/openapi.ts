import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { MountedRoute } from '../http/express/mounted-routes';

const TITLE = 'Order service';

/** The OpenAPI document, from the decorators. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle(TITLE)
    .setDescription(
      'Accepts orders, processes them in the background and reports their status. Errors are problem documents (RFC 9457): `code` names the kind of problem, and `type` is the path of a page that explains it.',
    )
    .setVersion('1.0.0')
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .setOpenAPIVersion('3.0.3')
    .addServer('/', 'this node')
    .addTag('orders', 'Create, read, cancel and retry orders.')
    .addTag('operations', 'Metrics, probes and the explanation of problems.')
    .build();
  return SwaggerModule.createDocument(app, config);
}

/**
 * Swagger UI at `/docs`, the document at `/docs-json` and `/docs-yaml`; nothing comes from another server. The document
 * is built by the first request that needs it, and Swagger UI's files are read when they are requested.
 */
export const docs: MountedRoute = {
  name: 'API documentation',
  paths: ['/docs', '/docs-json', '/docs-yaml'],
  mount: serveDocs,
};

function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
    customSiteTitle: TITLE,
    swaggerOptions: {
      // By default Swagger UI sends the document to a validator on the internet.
      validatorUrl: null,
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
  });
}
