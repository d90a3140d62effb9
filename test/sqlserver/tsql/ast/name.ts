import type { SqlType } from '../../contracts.ts';

/** Up to four parts: server.database.schema.name; what was left out is absent. */
export interface ObjectName {
  readonly server?: string;
  readonly database?: string;
  readonly schema?: string;
  readonly name: string;
}

/** A data type as written, already checked for its arguments. */
export interface TypeReference {
  readonly type: SqlType;
  /** `CURSOR` variables and `TABLE` have no SqlType. */
  readonly line: number;
}

export interface Node {
  readonly line: number;
}
