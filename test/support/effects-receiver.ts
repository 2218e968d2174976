import { HttpEndpoint } from './http-endpoint';

/** Work of a tenth of a second, so that a node that is killed has some in hand. */
const MIN_WORK_MS = 50;
const MAX_WORK_MS = 150;

/** A fulfilment system that tells repetitions by their Idempotency-Key, and carries each order out once. */
export class EffectsReceiver {
  /** The keys of the orders that were carried out. */
  readonly effects = new Set<string>();

  private constructor(private readonly endpoint: HttpEndpoint) {}

  static async start(): Promise<EffectsReceiver> {
    const receiver = new EffectsReceiver(await HttpEndpoint.start());
    receiver.endpoint.answer = (response, { headers }) => {
      receiver.effects.add(headers['idempotency-key'] ?? 'without a key');
      const workMs = MIN_WORK_MS + Math.random() * (MAX_WORK_MS - MIN_WORK_MS);
      setTimeout(() => response.writeHead(204).end(), workMs);
    };
    return receiver;
  }

  get url(): string {
    return this.endpoint.url;
  }

  /** Requests that came, repetitions among them. */
  get requests(): number {
    return this.endpoint.received.length;
  }

  stop(): Promise<void> {
    return this.endpoint.stop();
  }
}
