import { WakeTimer } from './wake-timer';

const HORIZON_MS = 10_000;

describe('WakeTimer', () => {
  let wake: jest.Mock<undefined, []>;
  let timer: WakeTimer;

  beforeEach(() => {
    jest.useFakeTimers();
    wake = jest.fn(() => undefined);
    timer = new WakeTimer(wake, HORIZON_MS);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('calls once after the requested time', () => {
    timer.wakeIn(200);
    jest.advanceTimersByTime(199);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(HORIZON_MS);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('keeps the earliest of several requests', () => {
    timer.wakeIn(500);
    timer.wakeIn(200);
    timer.wakeIn(900);
    jest.advanceTimersByTime(200);
    expect(wake).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(HORIZON_MS);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('takes a later request after a call', () => {
    timer.wakeIn(200);
    jest.advanceTimersByTime(200);
    timer.wakeIn(900);
    jest.advanceTimersByTime(900);
    expect(wake).toHaveBeenCalledTimes(2);
  });

  it.each([0, -5, 1])('waits 50 ms when asked for %d', (ms) => {
    timer.wakeIn(ms);
    jest.advanceTimersByTime(49);
    expect(wake).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('ignores requests at the horizon and beyond', () => {
    timer.wakeIn(HORIZON_MS);
    timer.wakeIn(HORIZON_MS + 1);
    expect(jest.getTimerCount()).toBe(0);
    timer.wakeIn(HORIZON_MS - 1);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('calls nothing once stopped, however often it is stopped', () => {
    timer.wakeIn(200);
    timer.stop();
    timer.stop();
    timer.wakeIn(100);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(HORIZON_MS);
    expect(wake).not.toHaveBeenCalled();
  });
});
