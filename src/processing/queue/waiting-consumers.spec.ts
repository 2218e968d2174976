import { WaitingConsumers } from './waiting-consumers';

describe('WaitingConsumers', () => {
  it('serves the consumer that has waited longest', async () => {
    const consumers = new WaitingConsumers();
    const [first, second] = [consumers.wait(), consumers.wait()];
    expect(consumers.count).toBe(2);
    expect([consumers.serve(7), consumers.serve(8)]).toEqual([true, true]);
    expect(await Promise.all([first, second])).toEqual([7, 8]);
    expect(consumers.count).toBe(0);
  });

  it('refuses an id when no consumer waits', () => {
    expect(new WaitingConsumers().serve(1)).toBe(false);
  });

  it('dismisses all with undefined, and serves those who come later', async () => {
    const consumers = new WaitingConsumers();
    const dismissed = [consumers.wait(), consumers.wait()];
    consumers.dismissAll();
    expect(await Promise.all(dismissed)).toEqual([undefined, undefined]);
    const later = consumers.wait();
    consumers.serve(1);
    expect(await later).toBe(1);
  });
});
