import type { StoredRow } from '../contracts.ts';
import { Content } from './content.ts';
import type { Undo } from './content.ts';
import type { Change } from './log/change.ts';
import { TableData } from './table.ts';

/** The committed state at one moment, fixed: rows never change in place, so holding them is enough. */
export interface Snapshot {
  /** A rough count, to decide when writing it again pays. */
  readonly rows: number;
  changes(): Iterable<Change>;
}

/** Tables that an open transaction has touched are copied and taken back to what is committed. */
function committed(content: Content, open: readonly (readonly Undo[])[]): Content {
  if (open.every((undo) => undo.length === 0)) return content;
  const touched = new Set(open.flat().flatMap((undo) => ('table' in undo ? [undo.table] : [])));
  const copy = new Content();
  for (const table of content.tables.values()) {
    if (!touched.has(table.id)) {
      copy.addTable(table);
      continue;
    }
    copy.addTable(copied(table));
  }
  for (const object of content.objects.values()) copy.apply({ op: 'object', object });
  for (const name of content.schemas) copy.schemas.add(name);
  for (const user of content.users.values()) copy.apply({ op: 'user', user });
  for (const [key, value] of content.properties) copy.properties.set(key, value);
  copy.nextObjectId = content.nextObjectId;
  for (const undo of open) {
    for (const change of undo.toReversed()) copy.apply(detached(change));
  }
  return copy;
}

function copied(table: TableData): TableData {
  const image = { definition: table.definition, rows: new Map(table.stored) };
  const data = new TableData(table.id, table.createDate, image);
  data.lastIdentity = table.lastIdentity;
  return data;
}

/** The open transaction may still need its undo list: nothing that it refers to may change through the copy. */
function detached(change: Undo): Undo {
  if (change.op === 'table') return { op: 'table', data: copied(change.data) };
  if (change.op !== 'image') return change;
  return { ...change, image: { definition: change.image.definition, rows: new Map(change.image.rows) } };
}

export function takeSnapshot(content: Content, open: readonly (readonly Undo[])[]): Snapshot {
  const view = committed(content, open);
  const tables = [...view.tables.values()].map((t) => ({
    id: t.id,
    createDate: t.createDate,
    definition: t.definition,
    identity: t.lastIdentity,
    rows: Array.from<StoredRow>(t.stored.values()),
  }));
  const heads: Change[] = [
    { op: 'nextObjectId', value: view.nextObjectId },
    ...[...view.schemas].map((name) => ({ op: 'schema', name }) as const),
    ...[...view.users.values()].map((user) => ({ op: 'user', user }) as const),
    ...[...view.objects.values()].map((object) => ({ op: 'object', object }) as const),
    ...[...view.properties].map(([key, value]) => ({ op: 'property', key, value }) as const),
  ];
  function* changes(): Iterable<Change> {
    yield* heads;
    for (const table of tables) {
      yield { op: 'createTable', table: table.id, createDate: table.createDate, definition: table.definition };
      if (table.identity !== null) yield { op: 'identity', table: table.id, value: table.identity };
      for (const row of table.rows) yield { op: 'insert', table: table.id, row: row.id, values: row.values };
    }
  }
  return { rows: tables.reduce((sum, t) => sum + t.rows.length, 0), changes };
}
