import type { NestExpressApplication } from '@nestjs/platform-express';

/**
 * Something that handles requests on Express itself. Nest's guards, pipes and interceptors do not see these requests, so
 * a guard for them has to be put on Express at `paths`, before `mount`.
 */
export interface MountedRoute {
  readonly name: string;
  /** It handles these paths and everything below them, and no others. */
  readonly paths: readonly string[];
  readonly mount: (app: NestExpressApplication) => void;
}

/** The setting of the Express application that holds the list. */
const LIST = 'mounted routes';

/** The only way to put a route on Express: a test fails for one that is neither Nest's nor in this list. */
export function mountRoutes(app: NestExpressApplication, routes: readonly MountedRoute[]): void {
  app.set(LIST, [...mountedRoutes(app), ...routes]);
  for (const { mount } of routes) mount(app);
}

/** What has been mounted so far. */
export function mountedRoutes(app: NestExpressApplication): readonly MountedRoute[] {
  const express = app.getHttpAdapter().getInstance();
  return (express.get(LIST) as readonly MountedRoute[] | undefined) ?? [];
}
