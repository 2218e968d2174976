import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '../common/domain-error';

const SERVED = /^\/(health\/(live|ready)|metrics)\/?$/;

class NotServedHereError extends DomainError {
  readonly kind = 'not_found';
  readonly code = 'not_served_here';
  readonly title = 'Not served here';

  constructor() {
    super('This node works orders off. It answers /health/live, /health/ready and /metrics only.');
  }
}

/** Closes a worker node to everything but probes, whatever modules there are. */
export function serveProbesOnly(app: NestExpressApplication): void {
  app.use((request: Request, _response: Response, next: NextFunction) => {
    next(SERVED.test(request.path) ? undefined : new NotServedHereError());
  });
}
