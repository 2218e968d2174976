import type { ServerResponse } from 'node:http';
import { FulfilmentPaused } from '../../src/processing/fulfilment/fulfilment';
import type { HttpFulfilment } from '../../src/processing/fulfilment/http/http-fulfilment';
import { respond } from '../support/http-endpoint';
import { HttpFulfilmentHarness } from '../support/http-fulfilment-harness';
import { until } from '../support/until';

/** Longer than any test takes: a pause ends when the test moves the clock, and only then. */
const PAUSE_MS = 3_600_000;

describe('the circuit of HttpFulfilment', () => {
  let harness: HttpFulfilmentHarness;
  let clockAheadMs = 0;

  beforeEach(async () => {
    harness = await HttpFulfilmentHarness.start();
    clockAheadMs = 0;
    const now = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => now() + clockAheadMs);
  });

  afterEach(() => harness.stop());

  it('opens after so many failures in a row, and then makes no call', async () => {
    const fulfilment = await opened();

    const failure = await harness.failure(fulfilment);
    expect(failure).toBeInstanceOf(FulfilmentPaused);
    expect(failure).toMatchObject({ pauseMs: PAUSE_MS });
    expect(harness.endpoint.received).toEqual([]);
  });

  it('lets one attempt probe after the pause, and closes when that is answered', async () => {
    const fulfilment = await opened();
    endPause();
    const probe = await probed(fulfilment);
    expect(await attempts(fulfilment, 200, 200)).toEqual(Array(2).fill('FulfilmentPaused'));

    probe.response.end();
    expect(await probe.outcome).toBe('fulfilled');
    expect(await attempts(fulfilment, 200, 503, 503, 200)).toEqual([
      'fulfilled',
      'FulfilmentFailed',
      'FulfilmentFailed',
      'fulfilled',
    ]);
  });

  it('opens again when the probe fails', async () => {
    const fulfilment = await opened();
    endPause();
    const probe = await probed(fulfilment);
    probe.response.writeHead(503).end();
    expect(await probe.outcome).toBe('FulfilmentFailed');
    expect(await attempts(fulfilment, 200)).toEqual(['FulfilmentPaused']);
  });

  it('takes a refusal for the answer of a healthy endpoint', async () => {
    const fulfilment = closed();
    expect(await attempts(fulfilment, 422, 422, 422, 422)).toEqual(
      Array(4).fill('FulfilmentRefused'),
    );
    // One in between ends the row.
    expect(await attempts(fulfilment, 503, 503, 422, 503, 503, 200)).toEqual([
      'FulfilmentFailed',
      'FulfilmentFailed',
      'FulfilmentRefused',
      'FulfilmentFailed',
      'FulfilmentFailed',
      'fulfilled',
    ]);
  });

  it('closes when the probe is refused', async () => {
    const fulfilment = await opened();
    endPause();
    const probe = await probed(fulfilment);
    probe.response.writeHead(422).end();
    expect(await probe.outcome).toBe('FulfilmentRefused');
    expect(await attempts(fulfilment, 200)).toEqual(['fulfilled']);
  });

  it('counts aborted attempts neither way', async () => {
    const fulfilment = closed();
    await attempts(fulfilment, 503, 503);
    for (let count = 0; count < 3; count++) await aborted(fulfilment);
    expect(await attempts(fulfilment, 503, 200)).toEqual(['FulfilmentFailed', 'FulfilmentPaused']);
  });

  it('stays open when the probe is aborted', async () => {
    const fulfilment = await opened();
    endPause();
    await aborted(fulfilment);
    expect(await attempts(fulfilment, 200)).toEqual(['FulfilmentPaused']);
    endPause();
    const next = await probed(fulfilment);
    next.response.end();
    expect(await next.outcome).toBe('fulfilled');
  });

  function closed(): HttpFulfilment {
    return harness.fulfilment({
      FULFILMENT_BREAKER_FAILURES: '3',
      FULFILMENT_BREAKER_PAUSE_MS: String(PAUSE_MS),
    });
  }

  async function opened(): Promise<HttpFulfilment> {
    const fulfilment = closed();
    await attempts(fulfilment, 503, 503, 503);
    harness.endpoint.received.length = 0;
    return fulfilment;
  }

  /** How attempts end, one after the other, of which each that is made is answered with its status. */
  async function attempts(fulfilment: HttpFulfilment, ...statuses: number[]): Promise<string[]> {
    const outcomes: string[] = [];
    for (const status of statuses) {
      harness.endpoint.answer = respond(status);
      outcomes.push(await outcome(fulfilment));
    }
    return outcomes;
  }

  async function outcome(fulfilment: HttpFulfilment, signal?: AbortSignal): Promise<string> {
    const failure = await harness.failure(fulfilment, 5, signal);
    return failure instanceof Error ? failure.name : String(failure);
  }

  function endPause(): void {
    clockAheadMs += PAUSE_MS;
  }

  /** Tries until an attempt comes through to the endpoint; the test answers it. */
  async function probed(
    fulfilment: HttpFulfilment,
    signal?: AbortSignal,
  ): Promise<{ outcome: Promise<string>; response: ServerResponse }> {
    const arrival = new Promise<ServerResponse>((resolve) => {
      harness.endpoint.answer = resolve;
    });
    let attempt = Promise.resolve('');
    await until('an attempt comes through', async () => {
      attempt = outcome(fulfilment, signal);
      return typeof (await Promise.race([attempt, arrival])) !== 'string';
    });
    return { outcome: attempt, response: await arrival };
  }

  async function aborted(fulfilment: HttpFulfilment): Promise<void> {
    const abort = new AbortController();
    const attempt = await probed(fulfilment, abort.signal);
    abort.abort(new Error('cancelled'));
    expect(await attempt.outcome).toBe('Error');
  }
});
