import { failure } from '../../failure.ts';
import { databasesOf, type Problem } from './catalogue.ts';

/**
 * The databases that are asked for, or all of which the store holds anything.
 * @throws failure UnknownDatabase for a name that the store does not have
 */
export async function selectDatabases(
  store: string,
  instance: string,
  wanted: readonly string[] | undefined,
): Promise<{ readonly databases: readonly string[]; readonly problems: readonly Problem[] }> {
  const found = await databasesOf(store, instance);
  if (wanted === undefined) return found;
  const databases = [...new Set(wanted)];
  const unknown = databases.filter((name) => !found.databases.includes(name));
  if (unknown.length > 0) throw unknownDatabases(instance, unknown, found.databases);
  return { ...found, databases };
}

function unknownDatabases(source: string, unknown: readonly string[], known: readonly string[]): Error {
  const alike = known.filter((name) => unknown.some((other) => other.toLowerCase() === name.toLowerCase()));
  const shown = alike.length > 0 ? alike : known.slice(0, 20);
  const more = alike.length > 0 ? 0 : known.length - shown.length;
  return failure(
    'UnknownDatabase',
    `The store holds no backup of ${unknown.map((name) => JSON.stringify(name)).join(', ')} of ${source}; it holds ${
      shown.length === 0 ? 'none' : shown.join(', ')
    }${more > 0 ? ` and ${more} more` : ''}`,
    { details: [{ unknown, known: known.slice(0, 100) }] },
  );
}
