import { Periodic } from './periodic';

const PERIOD_MS = 1_000;

/** A task that runs until the test ends it, under a clock that the test turns. */
class Fixture {
  now = 5_000;
  runs = 0;
  readonly periodic = new Periodic(
    PERIOD_MS,
    () => this.run(),
    () => this.now,
  );
  private end: (() => void) | undefined;

  finish(): void {
    this.end?.();
  }

  private run(): Promise<void> {
    this.runs += 1;
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('Periodic', () => {
  it('runs at the first tick, and then once a period', async () => {
    const fixture = new Fixture();
    for (const [now, runs] of [
      [5_000, 1],
      [5_999, 1],
      [6_000, 2],
      [6_100, 2],
      [9_500, 3],
      [10_000, 3],
    ] as const) {
      fixture.now = now;
      const run = fixture.periodic.tick();
      fixture.finish();
      await run;
      expect(fixture.runs).toBe(runs);
    }
  });

  it('starts one run, however many ticks overlap it', async () => {
    const fixture = new Fixture();
    const run = fixture.periodic.tick();
    for (let ticks = 0; ticks < 10; ticks += 1) {
      fixture.now += PERIOD_MS;
      // Nest awaits nothing of this; a tick that starts no run is over at once.
      expect(await isSettled(fixture.periodic.tick())).toBe(true);
    }
    expect(fixture.runs).toBe(1);
    expect(await isSettled(run)).toBe(false);
    fixture.finish();
    await run;
    void fixture.periodic.tick();
    expect(fixture.runs).toBe(2);
    fixture.finish();
  });

  it('waits at its stop for the run that is under way', async () => {
    const fixture = new Fixture();
    void fixture.periodic.tick();
    const stops = [fixture.periodic.stop(), fixture.periodic.stop()];
    for (const stop of stops) expect(await isSettled(stop)).toBe(false);
    fixture.finish();
    await Promise.all(stops);
  });

  it('starts nothing once it is stopped, also when it never ran', async () => {
    const fixture = new Fixture();
    await fixture.periodic.stop();
    await fixture.periodic.stop();
    fixture.now += 10 * PERIOD_MS;
    await fixture.periodic.tick();
    expect(fixture.runs).toBe(0);
  });

  it('goes by a clock that only moves forward', async () => {
    let runs = 0;
    const periodic = new Periodic(0, () => {
      runs += 1;
      return Promise.resolve();
    });
    await periodic.tick();
    await periodic.tick();
    expect(runs).toBe(2);
  });
});
