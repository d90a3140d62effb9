import { failure } from '../failure.ts';

const reserved = new Set(['master', 'model', 'msdb', 'tempdb', 'resource', 'mssqlsystemresource', 'distribution']);

/**
 * What each database is called on the target. Names are compared as a server does whose collation ignores case, which
 * is the default one.
 * @throws failure InvalidInput for two databases of one name, a rename of what is not restored, and a system database
 */
export function targetNames(
  databases: readonly string[],
  rename: Readonly<Record<string, string>>,
): (database: string) => string {
  const stray = Object.keys(rename).filter((name) => !databases.includes(name));
  if (stray.length > 0) {
    throw failure(
      'InvalidInput',
      `rename names ${stray.map(quote).join(', ')}, which this restore does not bring back`,
    );
  }
  const nameOf = (database: string): string => (Object.hasOwn(rename, database) ? rename[database]! : database);
  const taken = new Map<string, string>();
  for (const database of databases) {
    const name = nameOf(database);
    const key = name.toLowerCase();
    const other = taken.get(key);
    if (other !== undefined) {
      throw failure(
        'InvalidInput',
        `${quote(other)} and ${quote(database)} would both be called ${quote(name)} on the target`,
      );
    }
    if (reserved.has(key)) throw failure('InvalidInput', `${quote(name)} is the name of a system database`);
    taken.set(key, database);
  }
  return nameOf;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
