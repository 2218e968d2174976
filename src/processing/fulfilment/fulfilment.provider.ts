import type { Provider } from '@nestjs/common';
import { FulfilmentSettings } from '../../config/fulfilment.settings';
import { WorkerSettings } from '../../config/workers.settings';
import { Fulfilment } from './fulfilment';
import { SimulatedFulfilment } from './simulated-fulfilment';

/** The fulfilment of `FULFILMENT`. The HTTP client and the circuit breaker are loaded only where they are used. */
export const FULFILMENT: Provider = {
  provide: Fulfilment,
  inject: [FulfilmentSettings, WorkerSettings],
  useFactory: async (
    settings: FulfilmentSettings,
    workers: WorkerSettings,
  ): Promise<Fulfilment> => {
    if (settings.fulfilment === 'simulated') return new SimulatedFulfilment(settings);
    const { HttpFulfilment } = await import('./http/http-fulfilment');
    return new HttpFulfilment(settings, workers);
  },
};
