import type { SqlType } from '../../contracts.ts';
import type { ColumnElement, TableElement } from './definition.ts';

/** What DECLARE introduces in a batch or module; in force for all of it, whether or not the DECLARE is reached. */
export interface Declarations {
  /** By lower-case name with @. */
  readonly scalars: ReadonlyMap<string, SqlType>;
  readonly tables: ReadonlyMap<string, readonly (ColumnElement | TableElement)[]>;
}
