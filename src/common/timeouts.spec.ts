import { pause, untilAborted, within } from './timeouts';

const never = new Promise<never>(() => undefined);
const aFewTurns = () => new Promise((resolve) => setImmediate(resolve));

describe('untilAborted', () => {
  it('gives what the work gives, and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const remove = jest.spyOn(signal, 'removeEventListener');
    await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    const failure = new Error('work');
    await expect(untilAborted(Promise.reject(failure), signal)).rejects.toBe(failure);
    expect(remove).toHaveBeenCalledTimes(2);
  });

  it('throws the reason of the signal, before or while the work runs', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    const reason = new Error('reason');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(untilAborted(never, controller.signal)).rejects.toBe(reason);
  });

  it('observes the failure of work that it no longer waits for', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => (fail = reject));
    await expect(untilAborted(work, AbortSignal.abort(new Error('reason')))).rejects.toThrow();
    fail(new Error('late'));
    await aFewTurns();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('within', () => {
  it('ends with the work, or with its error', async () => {
    await within(Promise.resolve(), 3_600_000);
    await expect(within(Promise.reject(new Error('work')), 3_600_000)).rejects.toThrow('work');
  });

  it('ends with the time', async () => {
    await within(never, 1);
  });
});

describe('pause', () => {
  it('says whether the whole time has passed', async () => {
    const controller = new AbortController();
    expect(await pause(1, controller.signal)).toBe(true);
    const paused = pause(3_600_000, controller.signal);
    controller.abort();
    expect(await paused).toBe(false);
    expect(await pause(3_600_000, controller.signal)).toBe(false);
  });
});
