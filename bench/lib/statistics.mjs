/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/**
 * @param {readonly number[]} values at least one
 * @param {number} share 0 to 1
 * @returns {number} a measured value (nearest rank), never an interpolated one
 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError('A percentile needs at least one value');
  return value;
}

/**
 * @param {readonly number[]} values one per round, at least one
 * @returns {Summary}
 */
export function summarize(values) {
  return {
    median: percentile(values, 0.5),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}
