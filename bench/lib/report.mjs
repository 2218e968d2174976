const HEAD = ['', 'figure', 'median', 'min', 'max', 'rounds', 'unit', 'target', 'reached'];

/**
 * @param {import('./results.mjs').Results} results
 * @returns {string} a table in Markdown, aligned so that it is readable in a terminal too
 */
export function renderTable(results) {
  const rows = [HEAD, ...results.rows.map(toCells)];
  const widths = HEAD.map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, i) => align(cell, widths[i], i)).join(' | ')} |`;
  const rule = widths.map((width, i) =>
    isNumber(i) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(HEAD), line(rule), ...rows.slice(1).map(line)].join('\n');
}

/**
 * @param {object} run
 * @param {import('./results.mjs').Results} run.results
 * @param {readonly [string, string][]} run.machine
 * @param {boolean} run.quick
 */
export function renderReport({ results, machine, quick }) {
  const warning = quick
    ? '**Quick run: small loads, few rounds. These figures prove nothing.**\n\n'
    : '';
  const facts = machine.map(([name, value]) => `- ${name}: ${value}`).join('\n');
  return `# Results of \`npm run bench\`

${warning}Each figure is the median of its interleaved rounds, with the minimum and the maximum. Ratios (×) are computed
within each round. \`docs/performance.md\` describes how each one is measured.

${facts}

${renderTable(results)}
`;
}

/** @param {import('./results.mjs').Row} row */
function toCells({ suite, figure, unit, summary, rounds, target, reached, skipped }) {
  if (!summary) return [suite, figure, '-', '-', '-', '-', `skipped: ${skipped}`, '', ''];
  return [
    suite,
    figure,
    ...[summary.median, summary.min, summary.max, rounds].map(formatNumber),
    unit,
    target ? `${target.is} ${formatNumber(target.than)}` : '',
    reached === undefined ? '' : reached ? 'yes' : 'NO',
  ];
}

/** Rounds to three significant digits; integers stay unchanged. */
export function formatNumber(value) {
  if (Math.abs(value) >= 1000 || Number.isInteger(value)) {
    return Math.round(value).toLocaleString('en-US');
  }
  return String(Number(value.toPrecision(3)));
}

const isNumber = (column) => column >= 2 && column <= 5;

function align(cell, width, column) {
  return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
}
