import { array, assert, asyncProperty, constant, integer, oneof } from 'fast-check';
import { defaultSettings } from '../../config/settings';
import { MemoryQueue } from './memory-queue';

function queueOf(queueCapacity: number): MemoryQueue {
  return new MemoryQueue(Object.assign(defaultSettings(), { queueCapacity }));
}

/** What the promises have come to once everything that is settled has run. */
async function settledValues<T>(promises: readonly Promise<T>[]): Promise<(T | 'waits')[]> {
  return Promise.all(promises.map((promise) => Promise.race([promise, nextRound()])));
}

async function nextRound(): Promise<'waits'> {
  await new Promise((resolve) => setImmediate(resolve));
  return 'waits';
}

describe('MemoryQueue', () => {
  it('gives ids in the order in which they came', async () => {
    const queue = queueOf(10);
    expect([7, 3, 5].map((id) => queue.push(id))).toEqual([true, true, true]);
    expect(queue.depth).toBe(3);
    expect([await queue.take(), await queue.take(), await queue.take()]).toEqual([7, 3, 5]);
    expect(queue.depth).toBe(0);
  });

  it('refuses what is over its capacity, and has room again after a take', async () => {
    const queue = queueOf(2);
    expect([1, 2, 3].map((id) => queue.push(id))).toEqual([true, true, false]);
    expect(queue.depth).toBe(2);
    await queue.take();
    expect(queue.push(3)).toBe(true);
    expect([await queue.take(), await queue.take()]).toEqual([2, 3]);
  });

  it('holds no id twice, and takes one in again once it was taken out', async () => {
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

  it('lets takers wait, and serves the one that waits longest first', async () => {
    const queue = queueOf(1);
    const takers = [queue.take(), queue.take(), queue.take()];
    expect(await settledValues(takers)).toEqual(['waits', 'waits', 'waits']);
    queue.push(1);
    queue.push(2);
    expect(await settledValues(takers)).toEqual([1, 2, 'waits']);
    // Handed over, never stored: they cost none of the capacity.
    expect(queue.depth).toBe(0);
    queue.close();
    expect(await takers[2]).toBeUndefined();
  });

  it('wakes every waiting taker when it closes', async () => {
    const queue = queueOf(1);
    const takers = Array.from({ length: 100 }, () => queue.take());
    queue.close();
    expect(new Set(await Promise.all(takers))).toEqual(new Set([undefined]));
  });

  it('once closed gives nothing and takes nothing, however often it is closed', async () => {
    const queue = queueOf(5);
    queue.push(1);
    queue.close();
    queue.close();
    expect(queue.depth).toBe(0);
    expect(queue.push(2)).toBe(false);
    expect(await queue.take()).toBeUndefined();
  });

  it('keeps its order through compaction', async () => {
    const count = 12_000;
    const queue = queueOf(count);
    for (let id = 1; id <= count; id += 1) queue.push(id);
    for (let id = 1; id <= count; id += 1) {
      expect(await queue.take()).toBe(id);
      // What goes in again stands behind all the others.
      expect(queue.push(count + id)).toBe(true);
      expect(queue.depth).toBe(count);
    }
    for (let id = 1; id <= count; id += 1) expect(await queue.take()).toBe(count + id);
    expect(queue.depth).toBe(0);
  });

  it('behaves like a plain list with waiting takers', async () => {
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

/** The queue as one would describe it: no promises, no head index. */
class Model {
  readonly waiting: number[] = [];
  readonly taken: (number | 'waits')[] = [];

  constructor(private readonly capacity: number) {}

  push(id: number): boolean {
    const taker = this.taken.indexOf('waits');
    if (this.waiting.includes(id)) return true;
    if (taker >= 0) {
      this.taken[taker] = id;
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
