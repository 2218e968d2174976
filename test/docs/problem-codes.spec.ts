import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toErrorsPage, FILE } from '../../docs/make-errors-page';
import { PARSER_PROBLEMS, STATIC_FILE_PROBLEMS } from '../../src/http/problems/http-errors';
import { PROBLEM_CODES, PROBLEMS } from '../../src/http/problems/problem-catalog';

const SOURCE = join(__dirname, '../../src');

/** Codes of errors that Nest, Terminus or an unexpected fault raise; the problem filter names them. */
const RAISED_BY_FRAMEWORK = [
  'malformed_path',
  'bad_request',
  'unknown_route',
  'not_ready',
  'internal_error',
];

/** Each class below DomainError in the source, with its code. */
function domainErrors(): (readonly [string, string])[] {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .flatMap((file) => [
      ...readFileSync(join(SOURCE, file), 'utf8').matchAll(
        /class (\w+) extends DomainError \{\n([^}]*?)constructor/g,
      ),
    ])
    .map(([, name = '', head = '']) => [name, /readonly code = '(\w+)'/.exec(head)?.[1] ?? '']);
}

describe('the problem catalog', () => {
  const errors = domainErrors();

  it('is searched for in every file of the source', () => {
    const text = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
      .join('\n');
    expect(errors).toHaveLength([...text.matchAll(/extends \w*DomainError/g)].length);
    expect(errors.length).toBeGreaterThan(10);
  });

  it.each(errors)('has the code of %s', (_, code) => {
    expect(PROBLEM_CODES).toContain(code);
  });

  it('has no code that nothing raises', () => {
    const raised = [
      ...errors.map(([, code]) => code),
      ...Object.values(PARSER_PROBLEMS),
      ...Object.values(STATIC_FILE_PROBLEMS),
      ...RAISED_BY_FRAMEWORK,
    ];
    expect([...new Set(raised)].sort()).toEqual([...PROBLEM_CODES].sort());
  });

  it('is documented in docs/errors.md', () => {
    // Out of date: npm run docs:errors.
    expect(readFileSync(FILE, 'utf8')).toBe(toErrorsPage(PROBLEMS));
  });
});
