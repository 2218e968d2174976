import { onTestEnd, refuseAfterTest } from './running-test';
import { call, ORDER } from './service';
import { ServiceProcess } from './service-process';
import { until } from './until';

type Role = 'all' | 'api' | 'worker';

interface Node {
  readonly role: Role;
  readonly process: ServiceProcess;
  /** Undefined until it serves. */
  url?: string;
}

/** Nodes of the service as processes of their own, that come and go; all end with the test. */
export class Cluster {
  /** What was done to whom, to tell a failed run by. */
  readonly story: string[] = [];
  private nodes: Node[] = [];

  constructor(private readonly settings: Record<string, string>) {
    onTestEnd(() => this.end());
  }

  /** Starts a node; resolves once it serves. */
  async add(role: Role): Promise<void> {
    refuseAfterTest();
    const process = new ServiceProcess({ ...this.settings, ROLE: role });
    const node: Node = { role, process };
    this.nodes.push(node);
    node.url = await process.url();
    this.story.push(`${role} ${process.pid} serves`);
  }

  /** SIGKILL for any node of the role that serves, as by the system when memory runs out. */
  async killAny(role: Role): Promise<void> {
    const victim = this.pick(role);
    this.nodes = this.nodes.filter((node) => node !== victim);
    this.story.push(`${role} ${victim.process.pid} is killed`);
    await victim.process.kill();
  }

  /** Stops any node of the role in its tracks. */
  pauseAny(role: Role): ServiceProcess {
    const { process } = this.pick(role);
    this.story.push(`${role} ${process.pid} is paused`);
    process.signal('SIGSTOP');
    return process;
  }

  /**
   * Creates an order, on one node or another. Its key makes it one order, though the answer may get lost with a node
   * and the request be sent again.
   */
  async accept(key: string): Promise<number> {
    let id: number | undefined;
    await until(
      `order ${key} is accepted (${this.story.join('; ')})`,
      async () => {
        id = await this.tryToAccept(key);
        return id !== undefined;
      },
      60_000,
    );
    return id ?? NaN;
  }

  private async end(): Promise<void> {
    for (const { process } of this.nodes) {
      process.signal('SIGCONT');
      await process.kill();
    }
    this.nodes = [];
  }

  private async tryToAccept(key: string): Promise<number | undefined> {
    const accepting = this.serving.filter(({ role }) => role !== 'worker');
    const url = anyOf(accepting)?.url ?? '';
    try {
      const { status, body } = await call(`${url}/order/create_order`, {
        body: ORDER,
        headers: { 'Idempotency-Key': key },
      });
      return status === 201 ? Number(body['order_id']) : undefined;
    } catch {
      // The node was killed during the request.
      return undefined;
    }
  }

  private get serving(): Node[] {
    return this.nodes.filter(({ url }) => url !== undefined);
  }

  private pick(role: Role): Node {
    const node = anyOf(this.serving.filter((one) => one.role === role));
    if (!node) throw new Error(`No ${role} node serves`);
    return node;
  }
}

function anyOf<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)];
}
