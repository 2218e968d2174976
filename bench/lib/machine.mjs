import { cpus, totalmem, type, release } from 'node:os';

/**
 * @param {string} postgresVersion
 * @param {string | undefined} redisVersion
 * @returns {[string, string][]} name and value of everything that the figures depend on
 */
export function describeMachine(postgresVersion, redisVersion) {
  const cores = cpus();
  return [
    ['Date', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    [
      'CPU',
      `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} cores, shared by all processes`,
    ],
    ['Memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['System', `${type()} ${release()}`],
    ['Node', process.versions.node],
    ['PostgreSQL', `${postgresVersion} (embedded), fsync and synchronous_commit on`],
    [
      'Redis',
      redisVersion ? `${redisVersion}, AOF, appendfsync everysec` : 'no redis-server on the PATH',
    ],
  ];
}
