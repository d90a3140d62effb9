import type { DatabaseUser, StoredRow, TextObject } from '../contracts.ts';
import type { Change } from './log/change.ts';
import { TableData } from './table.ts';
import type { TableImage } from './table.ts';

const FIRST_OBJECT_ID = 901_578_250;
const OBJECT_ID_STEP = 16_000_057;
const BUILT_IN_SCHEMAS = ['dbo', 'guest', 'INFORMATION_SCHEMA', 'sys'];

const objectKey = (schema: string, name: string) => `${schema}.${name}`.toLowerCase();

/** What takes a change back. Old rows and images are kept by reference: stored rows never change in place. */
export type Undo =
  | Change
  | { readonly op: 'row'; readonly table: number; readonly stored: StoredRow }
  | { readonly op: 'image'; readonly table: number; readonly image: TableImage }
  | { readonly op: 'table'; readonly data: TableData }
  | { readonly op: 'dropSchema'; readonly name: string };

/** Everything a database holds but its ballast. */
export class Content {
  readonly tables = new Map<number, TableData>();
  readonly objects = new Map<number, TextObject>();
  readonly schemas = new Set<string>(BUILT_IN_SCHEMAS);
  readonly users = new Map<string, DatabaseUser>();
  readonly properties = new Map<string, string>();
  nextObjectId = FIRST_OBJECT_ID;
  readonly #ids = new Map<string, number>();

  takeObjectId(): number {
    const id = this.nextObjectId;
    this.nextObjectId = ((id + OBJECT_ID_STEP) % 0x7fff_ffff) + 1;
    return id;
  }

  table(schema: string, name: string): TableData | undefined {
    const id = this.#ids.get(objectKey(schema, name));
    return id === undefined ? undefined : this.tables.get(id);
  }

  object(schema: string, name: string): TextObject | undefined {
    const id = this.#ids.get(objectKey(schema, name));
    return id === undefined ? undefined : this.objects.get(id);
  }

  addTable(data: TableData): void {
    this.tables.set(data.id, data);
    this.#ids.set(objectKey(data.definition.schema, data.definition.name), data.id);
  }

  dropTable(id: number): void {
    const data = this.#data(id);
    this.tables.delete(id);
    this.#ids.delete(objectKey(data.definition.schema, data.definition.name));
  }

  /** Puts definition and rows in place together; a table may be renamed by it. */
  setImage(id: number, image: TableImage): void {
    const data = this.#data(id);
    this.#ids.delete(objectKey(data.definition.schema, data.definition.name));
    data.replace(image);
    this.#ids.set(objectKey(image.definition.schema, image.definition.name), id);
  }

  /** Redo, and the parts of undo that are changes themselves. */
  apply(change: Undo): void {
    switch (change.op) {
      case 'insert':
      case 'update':
        return this.#data(change.table).put({ id: change.row, values: change.values });
      case 'row':
        return this.#data(change.table).put(change.stored);
      case 'delete':
        return this.#data(change.table).take(change.row);
      case 'truncate':
        return this.setImage(change.table, { definition: this.#data(change.table).definition, rows: new Map() });
      case 'image':
        return this.setImage(change.table, change.image);
      case 'identity':
        this.#data(change.table).lastIdentity = change.value;
        return;
      case 'createTable': {
        const image = { definition: change.definition, rows: new Map<number, StoredRow>() };
        return this.addTable(new TableData(change.table, change.createDate, image));
      }
      case 'table':
        return this.addTable(change.data);
      case 'alterTable':
        return this.setImage(change.table, { definition: change.definition, rows: this.#data(change.table).stored });
      case 'dropTable':
        return this.dropTable(change.table);
      case 'object':
        this.objects.set(change.object.id, change.object);
        this.#ids.set(objectKey(change.object.schema, change.object.name), change.object.id);
        return;
      case 'dropObject': {
        const object = this.objects.get(change.id);
        if (object === undefined) return;
        this.objects.delete(change.id);
        this.#ids.delete(objectKey(object.schema, object.name));
        return;
      }
      case 'schema':
        this.schemas.add(change.name);
        return;
      case 'dropSchema':
        this.schemas.delete(change.name);
        return;
      case 'user':
        this.users.set(change.user.name.toLowerCase(), change.user);
        return;
      case 'dropUser':
        this.users.delete(change.name.toLowerCase());
        return;
      case 'nextObjectId':
        this.nextObjectId = change.value;
        return;
      case 'property':
        if (change.value === null) this.properties.delete(change.key);
        else this.properties.set(change.key, change.value);
        return;
      case 'extent':
      case 'filler':
        return;
    }
  }

  #data(id: number): TableData {
    const data = this.tables.get(id);
    if (data === undefined) throw new Error(`no table ${id}`);
    return data;
  }
}
