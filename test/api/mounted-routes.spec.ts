import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { SwaggerModule } from '@nestjs/swagger';
import type { RequestHandler } from 'express';
import type { Settings } from '../../src/config/settings';
import { mountedRoutes } from '../../src/http/express/mounted-routes';
import { Scene, type TestNode } from '../support/service';

/** What Express keeps of one `app.use` or `app.get`. */
interface Layer {
  readonly name: string;
  readonly rawPath: string | readonly string[];
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** Layers that see every request: a hook of Nest's, the two body parsers, and Nest's two handlers at the end. */
const CATCH_ALL = ['<anonymous>', 'readPlainJson', 'jsonParser', '<anonymous>', '<anonymous>'];

/** Connections to it are refused: the board is mounted whether Redis answers or not. */
const BULLMQ = { queueEngine: 'bullmq', redisUrl: 'redis://127.0.0.1:1' } as const;

const NODES: readonly [string, Partial<Settings>, readonly string[], readonly string[]][] = [
  ['an API node', { role: 'api' }, ['API documentation', 'queue board'], CATCH_ALL],
  ['an API node with BullMQ', BULLMQ, ['API documentation', 'queue board'], CATCH_ALL],
  [
    'a worker node',
    { role: 'worker' },
    ['probes-only gate'],
    CATCH_ALL.toSpliced(3, 0, 'refuseOthers'),
  ],
];

function layersOf({ app }: TestNode): readonly Layer[] {
  // Express' types do not know the `rawPath` of its router.
  return app.getHttpAdapter().getInstance().router.stack as unknown as readonly Layer[];
}

/** Method and path of every handler of every controller. */
function routesOfNest(node: TestNode): ReadonlySet<string> {
  const modules = [...node.get(ModulesContainer).values()];
  const controllers = modules.flatMap((module) => [...module.controllers.values()]);
  return new Set(controllers.flatMap(({ metatype }) => handlersOf(metatype as Type<object>)));
}

function handlersOf(controller: Type<object>): string[] {
  const prototype = controller.prototype as Record<string, object>;
  const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name] ?? {};
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const path = (Reflect.getMetadata(PATH_METADATA, handler) as string).replace(/^\/$/, '');
    return [`${RequestMethod[method]} /${[base, path].filter(Boolean).join('/')}`];
  });
}

/** Layers that belong neither to a controller nor to a mounted route. */
function strays(node: TestNode): string[] {
  const nest = routesOfNest(node);
  const mounted = mountedRoutes(node.app).flatMap(({ paths }) => paths);
  const isMounted = (path: string) =>
    mounted.some((top) => path === top || (top !== '/' && path.startsWith(`${top}/`)));
  return layersOf(node)
    .filter(({ rawPath, route }) => route !== undefined || rawPath !== '/')
    .map(({ rawPath, route }) =>
      route
        ? `${Object.keys(route.methods).join().toUpperCase()} ${route.path}`
        : `USE ${String(rawPath)}`,
    )
    .filter((layer) => !nest.has(layer) && !isMounted(layer.split(' ')[1] ?? ''));
}

describe('the routes on Express', () => {
  const scene = new Scene();

  it.each(NODES)(
    'of %s belong to a controller or to the list of mounted routes',
    async (_, settings, names, catchAll) => {
      const node = await scene.start({ settings });
      expect(routesOfNest(node).size).toBeGreaterThan(8);
      expect(mountedRoutes(node.app).map(({ name }) => name)).toEqual(names);
      expect(strays(node)).toEqual([]);
      const others = layersOf(node).filter(({ rawPath, route }) => !route && rawPath === '/');
      expect(others.map(({ name }) => name)).toEqual(catchAll);
    },
  );

  it('build the OpenAPI document for the first request that needs it, once', async () => {
    const build = jest.spyOn(SwaggerModule, 'createDocument');
    const node = await scene.start();
    expect(build).not.toHaveBeenCalled();
    for (const path of ['/docs-json', '/docs', '/docs/swagger-ui-init.js', '/docs-json'])
      expect((await fetch(`${node.url}${path}`)).status).toBe(200);
    expect(build).toHaveBeenCalledTimes(1);
    build.mockRestore();
  });

  it('would not go unnoticed elsewhere', async () => {
    const node = await scene.start();
    const answer: RequestHandler = (_request, response) => {
      response.end();
    };
    const express = node.app.getHttpAdapter().getInstance();
    express.use('/mounted-by-use', answer);
    express.get('/mounted-by-get', answer);
    express.post('/metrics', answer);
    expect(strays(node)).toEqual(['USE /mounted-by-use', 'GET /mounted-by-get', 'POST /metrics']);
  });
});
