import { createHash } from 'node:crypto';

export type Rename = (name: string) => string;

/** A pod's name, and with it a hash, must fit into a label. */
const mostCharacters = 52;

/**
 * What the objects of a target are called: `mssql-rt-mssql-helm-db` of `mssql-rt` becomes `copy-mssql-helm-db` of `copy`.
 * A name without the source's in it gets the target's before it.
 */
export function renamer(source: string, target: string): Rename {
  const inside = new RegExp(`(^|[^a-z0-9])${source}(?=$|[^a-z0-9])`);
  return (name) => {
    const renamed = inside.test(name) ? name.replace(inside, `$1${target}`) : `${target}-${name}`;
    return fitting(renamed);
  };
}

function fitting(name: string): string {
  if (name.length <= mostCharacters) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, mostCharacters - 9).replace(/[^A-Za-z0-9]+$/, '')}-${hash}`;
}
