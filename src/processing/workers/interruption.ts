/** Why running work is aborted; the reason of its abort signal. */
export class Interruption extends Error {
  constructor(readonly why: 'shutdown' | 'lost' | 'cancelled') {
    super(`interrupted: ${why}`);
    this.name = 'Interruption';
  }
}
