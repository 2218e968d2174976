import { announceReady } from './ready';
import type { Service } from './service';
import { defaultSettings } from '../config/settings';

const DATABASE: Service['database'] = {
  ...{ host: '127.0.0.1', port: 5433, user: 'postgres', name: 'postgres' },
  ...{ dataDir: '/project/.data', passwordFile: '/project/.data/pg18/password' },
};

describe('announceReady', () => {
  const { isTTY } = process.stdout;

  afterEach(() => {
    process.stdout.isTTY = isTTY;
    jest.restoreAllMocks();
  });

  function printed(terminal: boolean, database?: Service['database']): string {
    jest.restoreAllMocks();
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    process.stdout.isTTY = terminal;
    const service = { url: 'http://127.0.0.1:8000', database } as Service;
    announceReady(service, defaultSettings());
    return log.mock.calls.map(String).join('\n');
  }

  it('prints one line of JSON where the output is not a terminal', () => {
    expect(JSON.parse(printed(false, DATABASE))).toEqual({
      ...{ event: 'ready', pid: process.pid, role: 'all', url: 'http://127.0.0.1:8000' },
      database: DATABASE,
    });
    expect(printed(false)).not.toContain('\n');
  });

  it('shows on a terminal where everything is, and how to use psql', () => {
    const text = printed(true, DATABASE);
    expect(text).toContain('Docs      http://127.0.0.1:8000/docs');
    expect(text).toContain('Data      /project/.data\n');
    expect(text).toContain(
      `PGPASSWORD="$(cat '/project/.data/pg18/password')" psql -h 127.0.0.1 -p 5433 -U postgres`,
    );
    expect(printed(true)).toContain('Data      in the PostgreSQL at DATABASE_URL');
  });
});
