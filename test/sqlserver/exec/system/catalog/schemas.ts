import type { Database } from '../../../contracts.ts';
import { sameName } from '../values.ts';
import type { SystemContext } from '../contract.ts';
import { fixedDatabaseRoles } from './principals.ts';

export interface CatalogSchema {
  readonly id: number;
  readonly name: string;
  readonly principalId: number;
}

/** Schemas that every database has. Those of the fixed roles carry the ids of the roles. */
const builtIn: readonly CatalogSchema[] = [
  { id: 1, name: 'dbo', principalId: 1 },
  { id: 2, name: 'guest', principalId: 2 },
  { id: 3, name: 'INFORMATION_SCHEMA', principalId: 3 },
  { id: 4, name: 'sys', principalId: 4 },
  ...fixedDatabaseRoles
    .filter((role) => role.name !== 'public')
    .map((role) => ({ id: role.id, name: role.name, principalId: role.id })),
];

/** Ids of a user's own schemas follow the order in which the engine lists them, which is that of creation. */
export function schemasOf(database: Database): readonly CatalogSchema[] {
  const own = [...database.schemas()].filter((name) => !builtIn.some((schema) => sameName(schema.name, name)));
  return [...builtIn, ...own.map((name, i) => ({ id: 5 + i, name, principalId: 1 }))].sort((a, b) => a.id - b.id);
}

export const schemaByName = (database: Database, name: string): CatalogSchema | undefined =>
  schemasOf(database).find((schema) => sameName(schema.name, name));

/** DEFAULT_SCHEMA of the user the caller is in that database. */
export function defaultSchema(context: SystemContext, database: Database): string {
  const name = context.permissions.userIn(database);
  for (const user of database.users()) if (name !== null && sameName(user.name, name)) return user.defaultSchema;
  return 'dbo';
}
