import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Body, Controller, Delete, ForbiddenException, Get, Module, Param } from '@nestjs/common';
import { Header, HttpCode, Post, Req, Res, StreamableFile } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Express, NextFunction, Request, Response } from 'express';

/** One route for each thing that Express and Nest do with a request or a response. */
@Controller()
class EverythingController {
  @Get('request')
  request(@Req() request: Request): object {
    const { method, query, ip, ips, hostname, protocol, secure, originalUrl, path, xhr } = request;
    const accepts = request.accepts(['json', 'html']);
    const range = request.range(100);
    const header = [request.get('X-Some'), request.header('referrer')];
    const parts = { method, query, ip, ips, hostname, protocol, secure, originalUrl, path, xhr };
    return { ...parts, header, accepts, range, linked: request.res?.req === request };
  }

  @Get('item/:id')
  item(@Param('id') id: string): object {
    return { id };
  }

  @Post('body')
  body(@Body() body: unknown): unknown {
    return { body };
  }

  @Get('list')
  list(): unknown {
    return [1, null, { a: 'ä' }];
  }

  @Get('typed-object')
  @Header('Content-Type', 'application/problem+json')
  typedObject(): unknown {
    return { a: 1 };
  }

  @Get('nothing')
  @HttpCode(204)
  nothing(): unknown {
    return { a: 1 };
  }

  @Get('dated')
  @Header('Last-Modified', 'Fri, 02 Jan 2026 03:04:05 GMT')
  dated(): unknown {
    return { a: 1 };
  }

  @Get('error')
  error(): unknown {
    return new Error('returned');
  }

  @Get('typed')
  typed(@Res() response: Response): void {
    response.status(418).type('text/plain').set('X-Some', 'thing').append('X-Some', 'other');
    response.cookie('name', 'value', { httpOnly: true }).vary('Accept').send('typed text');
  }

  @Get('json')
  json(@Res() response: Response): void {
    response.json({ text: 'ä'.repeat(2_000) });
  }

  @Get('bytes')
  bytes(@Res() response: Response): void {
    response.send(Buffer.from([0, 1, 2]));
  }

  @Get('none')
  none(@Res() response: Response): void {
    response.sendStatus(204);
  }

  @Get('moved')
  moved(@Res() response: Response): void {
    response.redirect(301, '/text');
  }

  @Get('text')
  text(): string {
    return '<p>text</p>';
  }

  @Get('file')
  file(@Req() request: Request, @Res() response: Response): void {
    response.sendFile('page.html', { root: String(request.app.get('files')) });
  }

  @Get('download')
  download(@Req() request: Request, @Res() response: Response): void {
    response.download(join(String(request.app.get('files')), 'page.html'), 'saved.html');
  }

  @Get('stream')
  stream(): StreamableFile {
    return new StreamableFile(Readable.from([Buffer.from('a'), Buffer.from('b')]));
  }

  @Get('events')
  events(@Res() response: Response): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
    response.end('data: 2\n\n');
  }

  @Get('throws')
  throws(): never {
    throw new Error('thrown');
  }

  @Delete('forbidden')
  forbidden(): never {
    throw new ForbiddenException();
  }
}

@Module({ controllers: [EverythingController] })
class EverythingModule {}

/** An application with everything in it that an HTTP adapter can break. */
export class AdapterApp {
  private constructor(
    readonly app: NestExpressApplication,
    private readonly files: string,
  ) {}

  static async start(
    adapter: ExpressAdapter,
    modifiedAt: Date,
    readBodies: (app: NestExpressApplication) => void,
  ): Promise<AdapterApp> {
    const files = await mkdtemp(join(tmpdir(), 'order-service-adapter-'));
    await writeFile(join(files, 'page.html'), '<h1>page</h1>');
    await utimes(join(files, 'page.html'), modifiedAt, modifiedAt);
    const app = await NestFactory.create<NestExpressApplication>(EverythingModule, adapter, {
      bodyParser: false,
      logger: false,
    });
    app.set('files', files);
    readBodies(app);
    app.use('/mounted', mountedApp());
    app.use('/fails', (_request: Request, _response: Response, next: NextFunction) => {
      next(new Error('passed on'));
    });
    app.use('/rejects', () => Promise.reject(new Error('rejected')));
    app.useStaticAssets(files, { prefix: '/static' });
    SwaggerModule.setup('docs', app, () =>
      SwaggerModule.createDocument(app, new DocumentBuilder().build()),
    );
    await app.listen(0, '127.0.0.1');
    return new AdapterApp(app, files);
  }

  get server(): Server {
    return this.app.getHttpServer();
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    await this.app.close();
    await rm(this.files, { recursive: true });
  }
}

/** An Express application inside of another; it leaves all but one path to its parent. */
function mountedApp(): Express {
  const app = new ExpressAdapter().getInstance<Express>();
  app.disable('x-powered-by');
  app.get('/inside', (request, response) => {
    response.json({ ip: request.ip, base: request.baseUrl, own: request.app === app });
  });
  return app;
}
