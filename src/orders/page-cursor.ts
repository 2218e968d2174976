import { ValidationError } from '../http/validation/request-errors';

export const CURSOR_MESSAGE = 'must be the next_cursor of an earlier page';

/** Versioned, so that cursors of another form can be told from these. */
const FORM = /^v1:([1-9]\d{0,15})$/;

/** Where a list continues: after the order with this id. Opaque to callers; null after the last page. */
export function encodeCursor(afterId: number | undefined): string | null {
  return afterId === undefined ? null : Buffer.from(`v1:${afterId}`).toString('base64url');
}

/** @throws ValidationError when it is not one that {@link encodeCursor} made */
export function decodeCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const id = FORM.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  // Decoders skip characters that are not base64url, so the encoding is compared as well.
  if (id === undefined || encodeCursor(Number(id)) !== cursor) {
    throw new ValidationError([{ pointer: '/cursor', message: CURSOR_MESSAGE }]);
  }
  return Number(id);
}
