import { ValidationError } from '../http/validation/request-errors';

/** Versioned, so that a later form can tell the earlier ones' cursors from its own. */
const FORM = /^v1:([1-9]\d{0,15})$/;

/** Where a list goes on: after the order with this id. Opaque to callers. */
export function encodeCursor(afterId: number | undefined): string | null {
  return afterId === undefined ? null : Buffer.from(`v1:${afterId}`).toString('base64url');
}

/** @throws ValidationError when it is none that {@link encodeCursor} has made */
export function decodeCursor(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const id = FORM.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  // Decoders skip what is no base64, so only a cursor that comes out again was one of ours.
  if (id === undefined || encodeCursor(Number(id)) !== cursor) {
    throw new ValidationError([
      { pointer: '/cursor', message: 'must be the next_cursor of an earlier page' },
    ]);
  }
  return Number(id);
}
