import { Flag } from './settings.decorators';

/** How new orders are checked against the catalog. */
export class CatalogSettings {
  /** false: item ids and totals are accepted as the client sends them. */
  @Flag()
  readonly catalogCheck: boolean = true;
}
