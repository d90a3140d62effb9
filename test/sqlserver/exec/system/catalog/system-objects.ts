import type { SystemFunction, SystemProcedure, SystemView } from '../contract.ts';
import { sameName } from '../values.ts';
import { systemObjectId } from './identifiers.ts';

export interface SystemObject {
  readonly id: number;
  readonly schema: string;
  readonly schemaId: number;
  readonly name: string;
  readonly type: 'V ' | 'IF' | 'FN' | 'P ' | 'X ';
  readonly typeDesc: string;
  readonly onlyIn?: string;
  readonly view?: SystemView;
}

const schemaIds: Record<string, number> = { dbo: 1, INFORMATION_SCHEMA: 3, sys: 4 };

const describe: Record<SystemObject['type'], string> = {
  'V ': 'VIEW',
  IF: 'SQL_INLINE_TABLE_VALUED_FUNCTION',
  FN: 'SQL_SCALAR_FUNCTION',
  'P ': 'SQL_STORED_PROCEDURE',
  'X ': 'EXTENDED_STORED_PROCEDURE',
};

let objects: readonly SystemObject[] = [];

/** index.ts says once what there is: the catalog lists itself, and its modules can't import the list they are part of. */
export function registerSystemObjects(
  views: readonly SystemView[],
  functions: readonly SystemFunction[],
  procedures: readonly SystemProcedure[],
): void {
  const entry = (schema: string, name: string, type: SystemObject['type'], onlyIn?: string): SystemObject => ({
    id: systemObjectId(`${onlyIn ?? ''}.${schema}`, name),
    schema,
    schemaId: schemaIds[schema] ?? 4,
    name,
    type,
    typeDesc: describe[type],
    ...(onlyIn === undefined ? {} : { onlyIn }),
  });
  objects = [
    ...views.map((view) => ({
      ...entry(view.schema, view.name, view.parameters === undefined ? 'V ' : 'IF', view.onlyIn),
      view,
    })),
    ...functions.flatMap((one) => (one.schema === undefined ? [] : [entry(one.schema, one.name, 'FN', one.onlyIn)])),
    ...procedures.map((one) =>
      entry(one.onlyIn === undefined ? 'sys' : 'dbo', one.name, one.name.startsWith('xp_') ? 'X ' : 'P ', one.onlyIn),
    ),
  ];
}

/** What exists in a database of that name. */
export const systemObjects = (databaseName: string): readonly SystemObject[] =>
  objects.filter((object) => object.onlyIn === undefined || sameName(object.onlyIn, databaseName));
