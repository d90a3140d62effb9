import { schemasOf } from '../catalog/schemas.ts';
import { view } from '../view.ts';

export const schemaViews = [
  view({
    name: 'sys.schemas',
    columns: 'name sysname, schema_id int, principal_id int null',
    *rows({ database }) {
      database.open();
      for (const { name, id, principalId } of schemasOf(database)) {
        yield { name, schema_id: id, principal_id: principalId };
      }
    },
  }),
  view({
    name: 'INFORMATION_SCHEMA.SCHEMATA',
    columns: `
      CATALOG_NAME sysname null, SCHEMA_NAME sysname, SCHEMA_OWNER nvarchar(128) null,
      DEFAULT_CHARACTER_SET_CATALOG varchar(6) null, DEFAULT_CHARACTER_SET_SCHEMA varchar(3) null,
      DEFAULT_CHARACTER_SET_NAME sysname null = 'iso_1'`,
    *rows({ database }) {
      database.open();
      for (const { name, principalId } of schemasOf(database)) {
        yield {
          CATALOG_NAME: database.name,
          SCHEMA_NAME: name,
          SCHEMA_OWNER: principalId === 1 ? 'dbo' : name,
        };
      }
    },
  }),
];
