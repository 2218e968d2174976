import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ServiceLogger } from '../../src/bootstrap/service-logger';
import { defaultSettings } from '../../src/config/settings';
import { startService, type Service } from '../../src/bootstrap/service';
import { onTestEnd } from '../support/running-test';
import { call, Scene } from '../support/service';

describe('the service as a whole', () => {
  const scene = new Scene();

  function startOn(port: number): Promise<Service> {
    const { databaseUrl } = scene;
    const starting = startService(
      Object.assign(defaultSettings(), { databaseUrl, port, logLevel: 'error' }),
    );
    onTestEnd(() =>
      starting.then(
        (service) => service.stop(),
        () => undefined,
      ),
    );
    return starting;
  }

  it('may be stopped twice, also at the same time', async () => {
    const service = await startOn(0);
    await Promise.all([service.stop(), service.stop()]);
    await service.stop();
    await expect(fetch(service.url)).rejects.toThrow();
  });

  it('leaves nothing behind when it cannot listen', async () => {
    const first = await startOn(0);
    const { port } = new URL(first.url);
    const errors = jest.spyOn(ServiceLogger.prototype, 'error').mockReturnValue();
    await expect(startOn(Number(port))).rejects.toThrow('in use');
    expect(errors.mock.calls.map(([line]) => String(line))).toEqual([
      expect.stringContaining('EADDRINUSE'),
    ]);
    // The row of the first service.
    expect(await scene.sql('SELECT FROM processing_nodes')).toHaveLength(1);
    await first.stop();
  });

  it('stops while clients have incomplete requests open', async () => {
    const service = await startOn(0);
    const head = 'POST /order/create_order HTTP/1.1\r\nHost: here\r\n';
    const body = 'Content-Type: application/json\r\nContent-Length: 60\r\n\r\n{"user';
    await Promise.all(
      ['', `${head}Content-Le`, head + body].map((sent) => openWith(service.url, sent)),
    );
    // Its response proves that the bytes sent before on the other connections have arrived too.
    expect(await call(`${service.url}/health/live`)).toMatchObject({ status: 200 });
    await service.stop();
  });
});

async function openWith(url: string, sent: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestEnd(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(sent);
  return socket;
}
