import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const DESCRIPTION = `Charge points, their connectors, transactions and meter values.

Times are ISO 8601 in UTC with milliseconds; energies are Wh. Lists are pages: ask again with \`cursor\` set to
\`nextCursor\` until it is null; what comes in meanwhile neither repeats nor hides an item. \`from\` is included, \`to\` is
not. Every failure is a problem document (RFC 9457).`;

/** The OpenAPI 3.1 document at `/openapi.json` and the page that shows it at `/docs`; both need no key. */
export async function documentation(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Voltgate', version, description: DESCRIPTION },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `schema-${i}`) },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
