/** Why the work on a claim is aborted; the reason of its abort signal. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(readonly why: 'shutdown' | 'lost' | 'cancelled') {
    super(`interrupted: ${why}`);
  }
}
