import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '../common/domain-error';
import type { MountedRoute } from '../http/express/mounted-routes';

const SERVED = /^\/(health\/(live|ready)|metrics)\/?$/;

class NotServedHereError extends DomainError {
  readonly code = 'not_served_here';

  constructor() {
    super(
      'This is a worker node: it answers /health/live, /health/ready and /metrics only. Send the request to an API node.',
    );
  }
}

/** Closes a worker node to everything but probes and metrics, whichever modules it has. */
export const probesOnlyGate: MountedRoute = {
  name: 'probes-only gate',
  paths: ['/'],
  mount: (app) => app.use(refuseOthers),
};

function refuseOthers(request: Request, _response: Response, next: NextFunction): void {
  next(SERVED.test(request.path) ? undefined : new NotServedHereError());
}
