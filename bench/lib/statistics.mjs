/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/**
 * @param {readonly number[]} values at least one
 * @param {number} share 0 to 1
 * @returns {number} the nearest value that was measured, never one in between
 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError('There is no percentile of no values');
  return value;
}

/**
 * @param {readonly number[]} values one a round, at least one
 * @returns {Summary}
 */
export function summarize(values) {
  return {
    median: percentile(values, 0.5),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}
