// Makes docs/postman_collection.json from the OpenAPI document of a running service:
//   npm run docs:postman [-- http://127.0.0.1:8000]
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { promisify } = require('node:util');
const Converter = require('openapi-to-postmanv2');

const FILE = join(__dirname, 'postman_collection.json');
const DEFAULT_URL = 'http://127.0.0.1:8000';

const convert = promisify(Converter.convertV2.bind(Converter));

/** The collection, the same for the same document: with `{{baseUrl}}`, and a check for each request. */
async function toCollection(openapi) {
  const options = {
    folderStrategy: 'Tags',
    parametersResolution: 'Example',
    enableOptionalParameters: false,
  };
  const { result, reason, output } = await convert({ type: 'json', data: openapi }, options);
  if (!result) throw new Error(`The OpenAPI document cannot be converted: ${reason}`);
  const collection = output[0].data;
  const items = collection.item.map((folder) => ({
    name: folder.name,
    item: folder.item.map((item) => toItem(item)),
  }));
  return {
    info: {
      name: collection.info.name,
      description: openapi.info.description,
      schema: collection.info.schema,
    },
    item: items,
    variable: [{ key: 'baseUrl', value: DEFAULT_URL }],
  };
}

function toItem({ name, request, response }) {
  const { url, method, header, body } = request;
  // The examples work as they stand, on the seed data; the order of the examples has completed, so it conflicts with
  // being cancelled or retried.
  const codes = [...new Set(response.map(({ code }) => code))]
    .filter((code) => code < 300 || code === 409)
    .sort();
  const enabled = (list = []) => list.filter(({ disabled }) => !disabled);
  return {
    name,
    request: {
      method,
      header: enabled(header).map(({ key, value }) => ({ key, value })),
      url: {
        raw: `{{baseUrl}}/${url.path.join('/')}`,
        host: ['{{baseUrl}}'],
        path: url.path,
        variable: url.variable.map(({ key, value }) => ({ key, value: String(value) })),
      },
      ...(body?.raw && {
        body: { mode: 'raw', raw: body.raw, options: { raw: { language: 'json' } } },
      }),
    },
    event: [
      {
        listen: 'test',
        script: {
          type: 'text/javascript',
          exec: [
            `pm.test('answers as documented', () => {`,
            `  pm.expect(pm.response.code).to.be.oneOf([${codes.join(', ')}]);`,
            `  pm.expect(pm.response.headers.get('Content-Type')).to.match(/json/);`,
            `});`,
          ],
        },
      },
    ],
  };
}

async function main(url = DEFAULT_URL) {
  const response = await fetch(`${url}/docs-json`);
  if (!response.ok)
    throw new Error(`${url}/docs-json answered ${response.status}: is the service running?`);
  writeFileSync(FILE, `${JSON.stringify(await toCollection(await response.json()), null, 2)}\n`);
  console.log(`Wrote ${FILE}`);
}

module.exports = { toCollection, FILE };

if (require.main === module) {
  main(process.argv[2]).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
