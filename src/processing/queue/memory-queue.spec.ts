import { array, assert, asyncProperty, constant, integer, oneof } from 'fast-check';
import { defaultSettings } from '../../config/settings';
import { MemoryQueue } from './memory-queue';

function queueOf(queueCapacity: number): MemoryQueue {
  return new MemoryQueue(Object.assign(defaultSettings(), { queueCapacity }));
}

/** The value of each promise that is settled by now, and 'waits' for the others. */
async function settledValues<T>(promises: readonly Promise<T>[]): Promise<(T | 'waits')[]> {
  return Promise.all(promises.map((promise) => Promise.race([promise, nextRound()])));
}

async function nextRound(): Promise<'waits'> {
  await new Promise((resolve) => setImmediate(resolve));
  return 'waits';
}

describe('MemoryQueue', () => {
  it('gives ids in the order in which they were pushed', async () => {
    const queue = queueOf(10);
    expect([7, 3, 5].map((id) => queue.push(id))).toEqual([true, true, true]);
    expect(queue.depth).toBe(3);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual([7, 3, 5]);
    expect(queue.depth).toBe(0);
  });

  it('refuses ids above its capacity, and accepts one again after a take', async () => {
    const queue = queueOf(2);
    expect([1, 2, 3].map((id) => queue.push(id))).toEqual([true, true, false]);
    expect(queue.depth).toBe(2);
    await queue.take();
    expect(queue.push(3)).toBe(true);
    expect([await queue.take(), await queue.take()]).toEqual([2, 3]);
  });

  it('holds no id twice, and accepts an id again once it was taken', async () => {
    const queue = queueOf(2);
    queue.push(1);
    expect(queue.push(1)).toBe(true);
    expect(queue.depth).toBe(1);
    queue.push(2);
    // Full, but nothing would be added.
    expect(queue.push(2)).toBe(true);
    expect(await queue.take()).toBe(1);
    expect(queue.push(1)).toBe(true);
    expect([await queue.take(), await queue.take()]).toEqual([2, 1]);
  });

  it('lets consumers wait, and serves the one that has waited longest first', async () => {
    const queue = queueOf(1);
    const consumers = [queue.take(), queue.take(), queue.take()];
    expect(await settledValues(consumers)).toEqual(['waits', 'waits', 'waits']);
    queue.push(1);
    queue.push(2);
    expect(await settledValues(consumers)).toEqual([1, 2, 'waits']);
    // Handed over without being stored, so that they use no capacity.
    expect(queue.depth).toBe(0);
    queue.close();
    expect(await consumers[2]).toBeUndefined();
  });

  it('resolves every waiting take with undefined when it closes', async () => {
    const queue = queueOf(1);
    const consumers = Array.from({ length: 100 }, () => queue.take());
    queue.close();
    expect(new Set(await Promise.all(consumers))).toEqual(new Set([undefined]));
  });

  it('gives and accepts nothing once closed, however often it is closed', async () => {
    const queue = queueOf(5);
    queue.push(1);
    queue.close();
    queue.close();
    expect(queue.depth).toBe(0);
    expect(queue.push(2)).toBe(false);
    expect(await queue.take()).toBeUndefined();
  });

  it('keeps its order when the list is compacted', async () => {
    const count = 12_000;
    const queue = queueOf(count);
    for (let id = 1; id <= count; id += 1) queue.push(id);
    for (let id = 1; id <= count; id += 1) {
      expect(await queue.take()).toBe(id);
      // An id that is pushed now is taken after all the others.
      expect(queue.push(count + id)).toBe(true);
      expect(queue.depth).toBe(count);
    }
    for (let id = 1; id <= count; id += 1) expect(await queue.take()).toBe(count + id);
    expect(queue.depth).toBe(0);
  });

  it('behaves like a plain list with waiting consumers', async () => {
    const step = oneof(
      integer({ min: 1, max: 6 }).map((id) => ({ push: id })),
      constant('take' as const),
    );
    await assert(
      asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
        const queue = queueOf(3);
        const model = new Model(3);
        const taken: Promise<number | undefined>[] = [];
        for (const next of steps) {
          if (next === 'take') {
            taken.push(queue.take());
            model.take();
          } else expect(queue.push(next.push)).toBe(model.push(next.push));
          expect(queue.depth).toBe(model.waiting.length);
        }
        expect(await settledValues(taken)).toEqual(model.taken);
        queue.close();
      }),
    );
  });
});

/** The queue's specification: a list, without promises and without an index of its head. */
class Model {
  readonly waiting: number[] = [];
  readonly taken: (number | 'waits')[] = [];

  constructor(private readonly capacity: number) {}

  push(id: number): boolean {
    const consumer = this.taken.indexOf('waits');
    if (this.waiting.includes(id)) return true;
    if (consumer >= 0) {
      this.taken[consumer] = id;
      return true;
    }
    if (this.waiting.length >= this.capacity) return false;
    this.waiting.push(id);
    return true;
  }

  take(): void {
    this.taken.push(this.waiting.shift() ?? 'waits');
  }
}
