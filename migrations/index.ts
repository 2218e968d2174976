import { Catalog1795392000000 } from './1795392000000-catalog';
import { Orders1795392000001 } from './1795392000001-orders';
import { ProcessingNodes1795392000002 } from './1795392000002-processing-nodes';
import { FreeAttempts1795392000003 } from './1795392000003-free-attempts';
import { CountersWithoutWaiting1795392000004 } from './1795392000004-counters-without-waiting';

/** Every migration in order. One that `npm run migration:generate` wrote is reviewed and added here by hand. */
export const MIGRATIONS = [
  Catalog1795392000000,
  Orders1795392000001,
  ProcessingNodes1795392000002,
  FreeAttempts1795392000003,
  CountersWithoutWaiting1795392000004,
];
