/** Line breaks, null bytes, escapes and direction marks would forge log lines, or not fit into a text column. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\s]+/gu;

/**
 * The beginning of a text of unknown origin, as one line that can be logged and stored.
 *
 * @param maxLength UTF-16 units, an ellipsis for what was cut not counted
 */
export function excerpt(text: string, maxLength: number): string {
  const line = text.replace(UNPRINTABLE, ' ').trim();
  return line.length > maxLength ? `${line.slice(0, maxLength).trimEnd()}…` : line;
}
