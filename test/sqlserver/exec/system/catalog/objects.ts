import type {
  CheckDefinition,
  Database,
  ForeignKeyDefinition,
  SqlMoment,
  Table,
  TextObject,
} from '../../../contracts.ts';
import { constraintsOf } from './constraints.ts';
import { schemasOf } from './schemas.ts';

/** sys.objects.type, padded to char(2). */
export type ObjectType = 'U ' | 'V ' | 'P ' | 'FN' | 'TR' | 'PK' | 'UQ' | 'D ' | 'C ' | 'F ';

const typeNames: Record<ObjectType, string> = {
  'U ': 'USER_TABLE',
  'V ': 'VIEW',
  'P ': 'SQL_STORED_PROCEDURE',
  FN: 'SQL_SCALAR_FUNCTION',
  TR: 'SQL_TRIGGER',
  PK: 'PRIMARY_KEY_CONSTRAINT',
  UQ: 'UNIQUE_CONSTRAINT',
  'D ': 'DEFAULT_CONSTRAINT',
  'C ': 'CHECK_CONSTRAINT',
  'F ': 'FOREIGN_KEY_CONSTRAINT',
};

const textTypes: Record<TextObject['kind'], ObjectType> = {
  view: 'V ',
  procedure: 'P ',
  function: 'FN',
  trigger: 'TR',
};

export interface CatalogObject {
  readonly id: number;
  readonly name: string;
  readonly schema: string;
  readonly schemaId: number;
  readonly type: ObjectType;
  readonly typeDesc: string;
  /** 0 for what stands alone. */
  readonly parentId: number;
  readonly createDate: SqlMoment;
  readonly isMsShipped: boolean;
  readonly table?: Table;
  readonly text?: TextObject;
  readonly check?: CheckDefinition;
  readonly foreignKey?: ForeignKeyDefinition;
  /** Source text of a DEFAULT or CHECK, or of a view, procedure, function, trigger. */
  readonly definition?: string;
  /** column_id of the column a DEFAULT belongs to. */
  readonly columnId?: number;
  /** index_id behind a PRIMARY KEY or UNIQUE constraint. */
  readonly indexId?: number;
}

/** The tables that come with msdb; is_ms_shipped tells them from a user's own. */
const shipped =
  /^(backup|restore|suspect_pages|logmark|sysjob|sysschedule|syscategories|sysoperators|sysalerts|sysmail|log_shipping|MSdb)/i;

const isShipped = (database: Database, name: string): boolean => database.name === 'msdb' && shipped.test(name);

/** In the catalog of tempdb the name of a temporary table is padded with `_` and ends in a hexadecimal number. */
function catalogName({ id, definition: { name } }: Table): string {
  return name.startsWith('#')
    ? `${name.slice(0, 116).padEnd(116, '_')}${(id >>> 0).toString(16).toUpperCase().padStart(12, '0')}`
    : name;
}

/** Everything sys.objects shows of a database, in the order tables, their parts, text objects. */
export function* objectsOf(database: Database, extraTables: Iterable<Table> = []): Generator<CatalogObject> {
  const schemaIds = new Map(schemasOf(database).map((schema) => [schema.name.toLowerCase(), schema.id]));
  const schemaId = (name: string): number => schemaIds.get(name.toLowerCase()) ?? 1;
  for (const table of [...database.tables(), ...extraTables]) {
    const { schema, name } = table.definition;
    const common = {
      schema,
      schemaId: schemaId(schema),
      createDate: table.createDate,
      isMsShipped: isShipped(database, name),
    };
    yield {
      ...common,
      id: table.id,
      name: catalogName(table),
      type: 'U ',
      typeDesc: typeNames['U '],
      parentId: 0,
      table,
    };
    for (const constraint of constraintsOf(table)) {
      yield { ...common, ...constraint, typeDesc: typeNames[constraint.type], parentId: table.id };
    }
  }
  for (const text of database.objects()) {
    const type = textTypes[text.kind];
    yield {
      id: text.id,
      name: text.name,
      schema: text.schema,
      schemaId: schemaId(text.schema),
      type,
      typeDesc: typeNames[type],
      parentId: 0,
      createDate: text.createDate ?? database.createDate,
      isMsShipped: false,
      text,
      definition: text.text,
    };
  }
}
