import { Catalog1795392000000 } from './1795392000000-catalog';
import { Orders1795392000001 } from './1795392000001-orders';
import { ProcessingNodes1795392000002 } from './1795392000002-processing-nodes';

/** Every migration in its order. One that `npm run migration:generate` has written joins here by hand, reviewed. */
export const MIGRATIONS = [Catalog1795392000000, Orders1795392000001, ProcessingNodes1795392000002];
