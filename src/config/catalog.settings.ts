import { Flag } from './settings.decorators';

/** How orders are checked against the catalog. */
export class CatalogSettings {
  /** false: item ids and totals are the caller's own. */
  @Flag()
  readonly catalogCheck: boolean = true;
}
