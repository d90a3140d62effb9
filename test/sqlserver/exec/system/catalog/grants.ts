import type { Database } from '../../../contracts.ts';
import { schemaByName } from './schemas.ts';

/** What GRANT and DENY leave in a login or user: `DENY SELECT ON OBJECT::DBO.T`, `CONNECT`, … */
export interface Grant {
  readonly permission: string;
  readonly state: 'G' | 'D';
  readonly stateDesc: 'GRANT' | 'DENY';
  readonly place?: { readonly kind: 'OBJECT' | 'SCHEMA'; readonly name: string };
}

const entry = /^(DENY )?(.+?)(?: ON (OBJECT|SCHEMA)::(.+))?$/i;

export function parseGrant(text: string): Grant {
  const match = entry.exec(text);
  if (!match) throw new Error(`not a grant: ${text}`);
  const [, deny, permission, kind, name] = match;
  return {
    permission: (permission as string).toUpperCase(),
    state: deny === undefined ? 'G' : 'D',
    stateDesc: deny === undefined ? 'GRANT' : 'DENY',
    ...(kind === undefined ? {} : { place: { kind: kind.toUpperCase() as 'OBJECT' | 'SCHEMA', name: name as string } }),
  };
}

export interface Securable {
  readonly class: 0 | 1 | 3;
  readonly classDesc: 'DATABASE' | 'OBJECT_OR_COLUMN' | 'SCHEMA';
  readonly majorId: number;
}

/** undefined for an object or schema that is gone: its permissions went with it. */
export function securableOf(database: Database, { place }: Grant): Securable | undefined {
  if (place === undefined) return { class: 0, classDesc: 'DATABASE', majorId: 0 };
  if (place.kind === 'SCHEMA') {
    const schema = schemaByName(database, place.name);
    return schema && { class: 3, classDesc: 'SCHEMA', majorId: schema.id };
  }
  const [schema = 'dbo', ...rest] = place.name.split('.');
  const name = rest.join('.');
  const object = database.table(schema, name) ?? database.object(schema, name);
  return object && { class: 1, classDesc: 'OBJECT_OR_COLUMN', majorId: object.id };
}
