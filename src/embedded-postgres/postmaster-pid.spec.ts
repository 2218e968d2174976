import { parsePostmasterPid, serves } from './postmaster-pid';

const CLUSTER = '/data/pg18';

describe('parsePostmasterPid', () => {
  it.each([
    ['an empty file', '', undefined],
    ['a file with no number', 'postgres\n', undefined],
    ['a server that is starting', `12\n${CLUSTER}\n1700000000\n5432\n`, { pid: 12, ready: false }],
    [
      'a server that is ready',
      `12\n${CLUSTER}\n1700000000\n5432\n\n127.0.0.1\n 1 2\nready   \n`,
      { pid: 12, ready: true },
    ],
    [
      'a server that is stopping',
      `12\n${CLUSTER}\n1700000000\n5432\n\n127.0.0.1\n 1 2\nstopping\n`,
      { pid: 12, ready: false },
    ],
    ['single-user mode', `-12\n${CLUSTER}\n`, { pid: 12, ready: false }],
  ])('reads %s', (_, text, expected) => {
    expect(parsePostmasterPid(text)).toEqual(expected);
  });
});

describe('serves', () => {
  it.each([
    ['a command that the system hides', undefined, undefined, true],
    ['a kernel thread', '', false, false],
    ['another program in the folder', 'tail -f pg18.log', true, false],
    ['a program named like it', '/usr/bin/postgres_exporter', true, false],
    ['a server in the folder', '/opt/bin/postgres -D /proc/self/cwd', true, true],
    ['a process of such a server', 'postgres: checkpointer ', true, true],
    ['a server in another folder', '/opt/bin/postgres -D /other/pg18', false, false],
    ['no /proc, the same folder', `/opt/bin/postgres -D ${CLUSTER} -c port=1`, undefined, true],
    ['no /proc, another folder', '/opt/bin/postgres -D /other/pg18', undefined, false],
    ['no /proc, a folder not told', '/opt/bin/postgres -D pg18', undefined, true],
  ])('judges %s', (_, command, worksThere, expected) => {
    expect(serves(command, worksThere, CLUSTER)).toBe(expected);
  });
});
