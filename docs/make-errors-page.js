// Makes docs/errors.md from the problem catalog of the built service: npm run docs:errors
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const FILE = join(__dirname, 'errors.md');
const CATALOG = join(__dirname, '../dist/src/http/problems/problem-catalog.js');

const INTRODUCTION = `# Errors

Every error is a problem document (RFC 9457, \`application/problem+json\`): \`type\`, \`title\`, \`status\`, \`detail\`, \`instance\`, \`code\`, and \`errors\` with the JSON pointers of the fields to fix. Programs decide by \`code\`, which does not change; people read \`detail\`. The service explains each code itself at \`GET /problems/{code}\`, to which \`type\` points.

A 503 has a \`Retry-After\` header.

This page is made from the problem catalog by \`npm run docs:errors\`.
`;

function toErrorsPage(problems) {
  const sections = Object.entries(problems)
    .sort(([, one], [, other]) => one.status - other.status)
    .map(([code, problem]) => toSection(code, problem));
  return [INTRODUCTION, ...sections].join('\n');
}

function toSection(code, { status, title, cause, remedy, example }) {
  const members = { type: `/problems/${code}`, title, status, ...example, code };
  return `## ${title}

\`${code}\`, HTTP status ${status}.

- Cause: ${cause}
- Remedy: ${remedy}

\`\`\`json
${JSON.stringify(members, null, 2)}
\`\`\`
`;
}

module.exports = { toErrorsPage, FILE };

if (require.main === module) {
  const { PROBLEMS } = require(CATALOG);
  writeFileSync(FILE, toErrorsPage(PROBLEMS));
  console.log(`Wrote ${FILE}`);
}
