/**
 * Arrays as PostgreSQL reads them, for elements without quotes and backslashes: numbers, and text made of them. pg
 * would search each value for characters to escape, which takes eight times as long.
 */

/** @returns e.g. `{1,-2,0.50}` */
export function numbers(values: readonly (number | string)[]): string {
  return `{${values.join(',')}}`;
}

/** @returns e.g. `{"{1,2}","{3}"}` */
export function texts(values: readonly string[]): string {
  return values.length === 0 ? '{}' : `{"${values.join('","')}"}`;
}
