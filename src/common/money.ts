/** The largest amount that `numeric(12,2)` holds, in cents. */
export const MAX_CENTS = 999_999_999_999;

/**
 * An amount of money as whole cents.
 *
 * @param amount as JSON gives it, e.g. 55.1
 * @returns undefined unless the number is an exact amount of cents from 0 to {@link MAX_CENTS}
 */
export function toCents(amount: unknown): number | undefined {
  if (typeof amount !== 'number') return undefined;
  const cents = Math.round(amount * 100);
  // Dividing back gives exactly the double that the decimal text of this many cents is parsed to, so a number with more
  // than two decimals differs.
  const exact = cents / 100 === amount && cents >= 0 && cents <= MAX_CENTS;
  return exact ? cents : undefined;
}

/** Cents as decimal text with two places, the form in which SQL takes them: 5500 is `55.00`. */
export function centsToDecimal(cents: number): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Decimal text from SQL as cents: `55.00` is 5500. */
export function decimalToCents(decimal: string): number {
  return Math.round(Number(decimal) * 100);
}
