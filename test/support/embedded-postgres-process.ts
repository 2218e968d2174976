// An application with an embedded PostgreSQL: prints the result of its start as one line of JSON, and then runs on or
// exits without stopping the server.
import { EmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres';

const [dataDir = '', then = 'stay', packageDir] = process.argv.slice(2);

async function main(): Promise<void> {
  try {
    const { url } = await EmbeddedPostgres.start({ dataDir, durable: false }, { packageDir });
    console.log(JSON.stringify({ url }));
    if (then === 'exit') process.exit(0);
    setInterval(() => undefined, 60_000);
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
  }
}

void main();
