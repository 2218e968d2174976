import { summarize } from './statistics.mjs';

/**
 * @typedef {object} Target
 * @property {'at least' | 'at most' | 'under'} is
 * @property {number} than
 */

/**
 * @typedef {object} Row
 * @property {string} suite
 * @property {string} figure
 * @property {string} unit
 * @property {import('./statistics.mjs').Summary | undefined} summary
 * @property {number | undefined} rounds
 * @property {Target | undefined} target
 * @property {boolean | undefined} reached
 * @property {string | undefined} skipped why there is no figure
 */

/** The measured figures, summarized over their rounds, as rows of the table. */
export class Results {
  /** @type {Row[]} */
  rows = [];

  /** @param {string} suite */
  startSuite(suite) {
    this.suite = suite;
  }

  /**
   * @param {string} figure
   * @param {string} unit
   * @param {readonly number[]} values one per round
   * @param {Target} [target] for the median
   */
  add(figure, unit, values, target) {
    const summary = summarize(values);
    const reached = target && meets(summary.median, target);
    const { suite } = this;
    this.rows.push({ suite, figure, unit, summary, rounds: values.length, target, reached });
  }

  /**
   * A ratio of two figures, computed within each round, where a disturbance of the machine affects both.
   *
   * @param {string} figure
   * @param {readonly number[]} numerators
   * @param {readonly number[]} denominators
   * @param {Target} target
   */
  addRatio(figure, numerators, denominators, target) {
    const ratios = numerators.map((value, round) => value / denominators[round]);
    this.add(figure, '×', ratios, target);
  }

  /**
   * @param {string} figure
   * @param {string} why
   */
  skip(figure, why) {
    this.rows.push({ suite: this.suite, figure, unit: '', skipped: why });
  }
}

/**
 * @param {number} value
 * @param {Target} target
 */
function meets(value, { is, than }) {
  if (is === 'at least') return value >= than;
  return is === 'at most' ? value <= than : value < than;
}
