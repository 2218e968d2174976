import { array, assert, asyncProperty, boolean, integer } from 'fast-check';
import { GroupCommit, OverloadedError, type GroupCommitOptions } from './group-commit';

const BAD = -1;

/** A statement that stays under way until the test ends it. */
interface Statement {
  readonly items: readonly number[];
  succeed(results?: readonly string[]): void;
  fail(error: Error): void;
}

/** A group commit whose statements the test ends by hand. */
class Fixture {
  readonly statements: Statement[] = [];
  readonly group: GroupCommit<number, string>;

  constructor(options: Partial<GroupCommitOptions<number, string>> = {}) {
    this.group = new GroupCommit<number, string>({
      commit: (items) => this.begin(items),
      maxBatch: 100,
      maxInFlight: 1,
      maxWaiting: 1_000,
      mayIsolate: () => true,
      ...options,
    });
  }

  get batches(): (readonly number[])[] {
    return this.statements.map(({ items }) => items);
  }

  statement(index: number): Statement {
    const statement = this.statements[index];
    if (!statement) throw new Error(`Statement ${index} is not under way`);
    return statement;
  }

  private begin(items: readonly number[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.statements.push({
        items,
        succeed: (results = items.map(resultOf)) => {
          resolve(results);
        },
        fail: reject,
      });
    });
  }
}

function resultOf(item: number): string {
  return `result of ${item}`;
}

/** Refuses every batch that holds a bad item, as a constraint of the database does. */
function refusing(items: readonly number[]): Promise<readonly string[]> {
  return items.includes(BAD)
    ? Promise.reject(new Error('bad item'))
    : Promise.resolve(items.map(resultOf));
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Enough rounds for everything that could begin to have begun. */
async function quiet(): Promise<void> {
  for (let rounds = 0; rounds < 5; rounds += 1) await nextRound();
}

describe('GroupCommit', () => {
  it('lets the callers of one moment share a batch, and gives each its own result', async () => {
    const fixture = new Fixture();
    const results = Promise.all([1, 2, 3].map((item) => fixture.group.add(item)));
    await quiet();
    expect(fixture.batches).toEqual([[1, 2, 3]]);
    fixture.statement(0).succeed();
    expect(await results).toEqual([1, 2, 3].map(resultOf));
  });

  it('does not let a single caller wait for others', async () => {
    const fixture = new Fixture();
    const result = fixture.group.add(1);
    await quiet();
    expect(fixture.batches).toEqual([[1]]);
    fixture.statement(0).succeed();
    expect(await result).toBe(resultOf(1));
  });

  it('gathers the next batch while one is under way, and keeps the order with one in flight', async () => {
    const fixture = new Fixture({ maxBatch: 2 });
    const first = fixture.group.add(1);
    await quiet();
    const later = Promise.all([2, 3, 4].map((item) => fixture.group.add(item)));
    await quiet();
    expect(fixture.batches).toEqual([[1]]);
    fixture.statement(0).succeed();
    await first;
    await quiet();
    expect(fixture.batches).toEqual([[1], [2, 3]]);
    fixture.statement(1).succeed();
    await quiet();
    expect(fixture.batches).toEqual([[1], [2, 3], [4]]);
    fixture.statement(2).succeed();
    expect(await later).toEqual([2, 3, 4].map(resultOf));
  });

  it('never has more statements in flight than it may', async () => {
    const fixture = new Fixture({ maxBatch: 1, maxInFlight: 2 });
    const results = Promise.all([1, 2, 3, 4].map((item) => fixture.group.add(item)));
    await quiet();
    expect(fixture.batches).toEqual([[1], [2]]);
    // The one that ends first makes room, whichever it is.
    fixture.statement(1).succeed();
    await quiet();
    expect(fixture.batches).toEqual([[1], [2], [3]]);
    for (const index of [0, 2]) fixture.statement(index).succeed();
    await quiet();
    fixture.statement(3).succeed();
    expect(await results).toEqual([1, 2, 3, 4].map(resultOf));
  });

  it('lets one bad item fail alone', async () => {
    const { group } = new Fixture({ commit: refusing });
    const results = await Promise.allSettled([1, BAD, 3].map((item) => group.add(item)));
    expect(results).toEqual([
      { status: 'fulfilled', value: resultOf(1) },
      { status: 'rejected', reason: new Error('bad item') },
      { status: 'fulfilled', value: resultOf(3) },
    ]);
  });

  it('fails all of a batch when it is unknown whether it took effect', async () => {
    const lost = new Error('Connection terminated');
    const asked: unknown[] = [];
    const fixture = new Fixture({
      mayIsolate: (error) => {
        asked.push(error);
        return false;
      },
    });
    const results = Promise.allSettled([1, 2].map((item) => fixture.group.add(item)));
    await quiet();
    fixture.statement(0).fail(lost);
    expect(await results).toEqual([
      { status: 'rejected', reason: lost },
      { status: 'rejected', reason: lost },
    ]);
    expect(asked).toEqual([lost]);
    // Sent once: a second time could take effect twice.
    expect(fixture.batches).toEqual([[1, 2]]);
  });

  it('does not try a single item again', async () => {
    const fixture = new Fixture();
    const result = fixture.group.add(1);
    await quiet();
    fixture.statement(0).fail(new Error('bad item'));
    await expect(result).rejects.toThrow('bad item');
    expect(fixture.batches).toEqual([[1]]);
  });

  it('goes on after a failure', async () => {
    const { group } = new Fixture({ commit: refusing });
    await expect(group.add(BAD)).rejects.toThrow('bad item');
    expect(await group.add(1)).toBe(resultOf(1));
  });

  it('outlives a commit that throws before it returns a promise', async () => {
    let calls = 0;
    const { group } = new Fixture({
      commit: (items) => {
        calls += 1;
        if (calls === 1) throw new Error('thrown at once');
        return refusing(items);
      },
    });
    await expect(group.add(1)).rejects.toThrow('thrown at once');
    expect(await group.add(2)).toBe(resultOf(2));
  });

  it('refuses callers past its bound, and takes them again once there is room', async () => {
    const fixture = new Fixture({ maxWaiting: 2 });
    const first = fixture.group.add(1);
    await quiet();
    // What is under way does not wait any more.
    const waiting = [fixture.group.add(2), fixture.group.add(3)];
    await expect(fixture.group.add(4)).rejects.toThrow(OverloadedError);
    await expect(fixture.group.add(4)).rejects.toMatchObject({ code: 'overloaded' });
    fixture.statement(0).succeed();
    await first;
    await quiet();
    const last = fixture.group.add(5);
    fixture.statement(1).succeed();
    await Promise.all(waiting);
    await quiet();
    fixture.statement(2).succeed();
    expect(await last).toBe(resultOf(5));
  });

  it('fails a batch whose results cannot be told apart', async () => {
    const fixture = new Fixture({ mayIsolate: () => false });
    const results = Promise.allSettled([fixture.group.add(1), fixture.group.add(2)]);
    await quiet();
    fixture.statement(0).succeed(['only one']);
    const reason = new Error('A batch of 2 items returned 1 results');
    expect(await results).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
  });

  it('answers every caller with what became of its own item, whatever fails', async () => {
    const items = array(integer({ min: BAD, max: 9 }), { minLength: 1, maxLength: 40 });
    const bound = integer({ min: 1, max: 5 });
    await assert(
      asyncProperty(items, bound, bound, boolean(), async (batch, maxBatch, maxInFlight, apart) => {
        const { group } = new Fixture({ commit: refusing, maxBatch, maxInFlight });
        const answers = batch.map(async (item) => {
          if (apart && item % 2 === 0) await nextRound();
          return group.add(item).catch((error: unknown) => String(error));
        });
        expect(await Promise.all(answers)).toEqual(
          batch.map((item) => (item === BAD ? 'Error: bad item' : resultOf(item))),
        );
      }),
    );
  });
});
