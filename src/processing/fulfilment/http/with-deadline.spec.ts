import { withDeadline } from './with-deadline';

const NEVER = new Promise<never>(() => undefined);
const late = () => new Error('late');

describe('withDeadline', () => {
  it('gives what the call gives, and leaves its signal alone', async () => {
    let seen: AbortSignal | undefined;
    const answer = await withDeadline(60_000, new AbortController().signal, late, (signal) => {
      seen = signal;
      return Promise.resolve(42);
    });
    expect([answer, seen?.aborted]).toEqual([42, false]);
  });

  it('ends a call that is deaf to its signal when the time is over', async () => {
    await expect(withDeadline(1, new AbortController().signal, late, () => NEVER)).rejects.toThrow(
      'late',
    );
  });

  it('ends it at once, with the reason, when the signal is aborted', async () => {
    const abort = new AbortController();
    let seen: AbortSignal | undefined;
    const call = withDeadline(60_000, abort.signal, late, (signal) => {
      seen = signal;
      return NEVER;
    });
    abort.abort(new Error('shutdown'));
    await expect(call).rejects.toThrow('shutdown');
    expect(seen?.reason).toEqual(new Error('shutdown'));
  });

  it('does not call at all when the signal is aborted already', async () => {
    const call = jest.fn(() => NEVER);
    const signal = AbortSignal.abort(new Error('shutdown'));
    await expect(withDeadline(60_000, signal, late, call)).rejects.toThrow('shutdown');
    expect(call).not.toHaveBeenCalled();
  });
});
