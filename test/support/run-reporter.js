// JavaScript, since jest loads reporters without compiling them.

/** As written by requirement.ts. */
const REASON = / \(skipped: (.*?)\)(?= |$)/;

/** Nothing of a run needs so long once its last test is over. */
const EXIT_LIMIT_MS = 30_000;

/**
 * Says at the end of a run what was skipped, why, and what to install or start for it. A skip without a reason fails
 * the run. A run that does not end after its last test is ended, as a failure that names what was left running.
 */
module.exports = class RunReporter {
  constructor(globalConfig) {
    // With -t, jest counts every other test as skipped.
    this.isFiltered = Boolean(globalConfig.testNamePattern);
    this.withoutReason = [];
  }

  onRunComplete(_contexts, results) {
    const skips = new Map();
    for (const { file, name } of skippedTests(results)) {
      const reason = REASON.exec(name)?.[1];
      if (reason !== undefined) addSkip(skips, reason, file);
      else if (!this.isFiltered) this.withoutReason.push(`${file}: ${name}`);
    }
    for (const name of this.withoutReason)
      process.stderr.write(`\nSkipped without a reason (use describeUnless or itIf): ${name}\n`);
    if (skips.size > 0) process.stderr.write(`\n${paragraph(skips)}\n`);
    failUnlessEnded();
  }

  getLastError() {
    return this.withoutReason.length > 0
      ? new Error('Tests were skipped without a reason')
      : undefined;
  }
};

function skippedTests(results) {
  return results.testResults.flatMap(({ testFilePath, testResults }) =>
    testResults
      .filter(({ status }) => status === 'pending')
      .map(({ fullName }) => ({ file: relative(testFilePath), name: fullName })),
  );
}

function relative(path) {
  return require('node:path').relative(process.cwd(), path);
}

function addSkip(skips, reason, file) {
  const files = skips.get(reason) ?? new Map();
  files.set(file, (files.get(file) ?? 0) + 1);
  skips.set(reason, files);
}

function paragraph(skips) {
  const counts = [...skips.values()].flatMap((files) => [...files.values()]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const lines = [...skips].map(([reason, files]) => {
    const list = [...files].map(([file, count]) => `${file} (${count})`).join(', ');
    return `- ${list}: ${reason}`;
  });
  return [`${total} ${total === 1 ? 'test was' : 'tests were'} skipped:`, ...lines].join('\n');
}

function failUnlessEnded() {
  const timer = setTimeout(() => {
    const left = process.getActiveResourcesInfo().filter((name) => name !== 'TTYWrap');
    process.stderr.write(
      `The test run has not ended ${EXIT_LIMIT_MS / 1000} s after its last test. Still open: ${left.join(', ')}. ` +
        'Stop what tests start with onTestEnd or in an afterEach hook.\n',
    );
    process.exit(1);
  }, EXIT_LIMIT_MS);
  timer.unref();
}
