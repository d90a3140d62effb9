import { systemFunctions, systemProcedures, systemViews } from '../system/index.ts';
import type { SystemFunction, SystemProcedure, SystemView } from '../system/contract.ts';

/** The catalog of exec/system, indexed by lower-case name. */

const views = group(systemViews);
const functions = group(systemFunctions);
const procedures = group(systemProcedures);

function group<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const map = new Map<string, T[]>();
  for (const item of items) {
    const key = item.name.toLowerCase();
    const list = map.get(key);
    if (list === undefined) map.set(key, [item]);
    else list.push(item);
  }
  return map;
}

const here = (onlyIn: string | undefined, database: string): boolean =>
  onlyIn === undefined || onlyIn.toLowerCase() === database.toLowerCase();

/** `schema` undefined: a bare name, which finds objects of dbo and functions of the server. */
export function findSystemView(schema: string | undefined, name: string, database: string): SystemView | undefined {
  const wanted = (schema ?? 'dbo').toLowerCase();
  return views
    .get(name.toLowerCase())
    ?.find((view) => view.schema.toLowerCase() === wanted && here(view.onlyIn, database));
}

export function findSystemFunction(parts: readonly string[], database: string): SystemFunction | undefined {
  const name = parts.at(-1) as string;
  const schema = parts.at(-2);
  const within = parts.length > 2 && parts[0] ? parts[0] : database;
  return functions.get(name.toLowerCase())?.find((candidate) => {
    if (candidate.schema === undefined) return schema === undefined && here(candidate.onlyIn, within);
    return schema?.toLowerCase() === candidate.schema && here(candidate.onlyIn, within);
  });
}

export function findSystemProcedure(
  schema: string | undefined,
  name: string,
  database: string,
): SystemProcedure | undefined {
  if (schema !== undefined && !['sys', 'dbo'].includes(schema.toLowerCase())) return undefined;
  return procedures.get(name.toLowerCase())?.find((candidate) => here(candidate.onlyIn, database));
}
