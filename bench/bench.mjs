import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from './lib/machine.mjs';
import { OtherCommit } from './lib/other-commit.mjs';
import { inBench } from './lib/paths.mjs';
import { Postgres } from './lib/postgres.mjs';
import { prepare } from './lib/prepare.mjs';
import { Redis } from './lib/redis.mjs';
import { renderReport } from './lib/report.mjs';
import { Results } from './lib/results.mjs';
import { removeAbandoned } from './lib/run-folder.mjs';
import { accept } from './suites/accept.mjs';
import { burst } from './suites/burst.mjs';
import { drain } from './suites/drain.mjs';
import { growth } from './suites/growth.mjs';
import { pickUp } from './suites/pick-up.mjs';
import { scale } from './suites/scale.mjs';
import { start } from './suites/start.mjs';

const SUITES = { accept, burst, drain, 'pick-up': pickUp, growth, start, scale };
/** The suites that can measure another commit in the same run. */
const COMPARING = ['accept', 'drain', 'start'];

const ROUNDS = 5;
const QUICK_ROUNDS = 2;

const USAGE = `npm run bench -- [suite ...] [--quick] [--against COMMIT]

Suites: ${Object.keys(SUITES).join(', ')}; all of them by default.
--quick runs the suites with small loads and few rounds; its figures prove nothing.
--against builds another commit and measures it in turn with this one, in the suites ${COMPARING.join(', ')}.
Only a run of all suites without these options writes bench/RESULTS.md.`;

function readArguments() {
  const { values, positionals } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      against: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help || positionals.some((name) => !(name in SUITES))) {
    console.log(USAGE);
    process.exit(values.help ? 0 : 1);
  }
  const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
  const { quick, against } = values;
  const recorded = positionals.length === 0 && !quick && against === undefined;
  return { names, recorded, quick, against };
}

/**
 * Measures A B C, B C A, C A B, ...: a temporary disturbance of the machine affects all contenders equally, and the
 * order favours none.
 */
async function interleave(rounds, contenders, measure) {
  const measured = Object.fromEntries(contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % contenders.length;
    for (const name of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      console.log(`  round ${round + 1} of ${rounds}: ${name}`);
      measured[name].push(await measure(name));
    }
  }
  return measured;
}

async function runSuites(names, bench) {
  for (const name of names) {
    console.log(`\n${name}`);
    bench.results.startSuite(name);
    await SUITES[name](bench);
  }
}

async function main() {
  const { names, recorded, quick, against } = readArguments();
  prepare();
  const before = against === undefined ? undefined : new OtherCommit(against);
  await removeAbandoned();
  const rounds = quick ? QUICK_ROUNDS : ROUNDS;
  const postgres = await Postgres.start();
  const redis = await Redis.start();
  try {
    const results = new Results();
    const measure = (contenders, one, count = rounds) => interleave(count, contenders, one);
    const bench = { quick, before, postgres, redis, results, interleave: measure };
    await runSuites(names, bench);
    const machine = describeMachine(await postgres.version(), redis?.version);
    const report = renderReport({ results, machine, quick });
    console.log(`\n${report}`);
    if (recorded) await writeFile(inBench('RESULTS.md'), report);
  } finally {
    await redis?.stop();
    await postgres.stop();
  }
}

// process.exit runs the 'exit' handlers, which stop all child processes and remove temporary folders.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

await main();
