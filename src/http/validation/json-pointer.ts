/** The JSON pointer (RFC 6901) of a member or an element of what `parent` points at. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
