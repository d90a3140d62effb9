import type { Login } from '../contracts.ts';
import type { EngineDatabase, DatabaseEntry } from './database.ts';
import { fromJson, toJson } from './json.ts';

const DATABASE = 'database:';
const LOGIN = 'login:';
const CONFIGURATION = 'configuration:';

interface StoredLogin {
  readonly login: Login;
  readonly password: string;
}

/** What the instance keeps in master: the list of databases, logins, configuration. */
export class Catalog {
  readonly #master: EngineDatabase;
  readonly #logins = new Map<string, { readonly text: string; readonly stored: StoredLogin }>();

  constructor(master: EngineDatabase) {
    this.#master = master;
  }

  #put(key: string, value: unknown): void {
    const transaction = this.#master.begin();
    transaction.setProperty(key, value === undefined ? null : toJson(value));
    transaction.commit();
  }

  *#all<T>(prefix: string): Iterable<[name: string, value: T]> {
    for (const [key, value] of this.#master.content.properties) {
      if (key.startsWith(prefix)) yield [key.slice(prefix.length), fromJson<T>(value)];
    }
  }

  entries(): readonly DatabaseEntry[] {
    return [...this.#all<DatabaseEntry>(DATABASE)].map(([, entry]) => entry).toSorted((a, b) => a.id - b.id);
  }

  putEntry(entry: DatabaseEntry): void {
    this.#put(`${DATABASE}${entry.id}`, entry);
  }

  dropEntry(id: number): void {
    this.#put(`${DATABASE}${id}`, undefined);
  }

  logins(): readonly StoredLogin[] {
    return [...this.#all<StoredLogin>(LOGIN)].map(([, login]) => login);
  }

  /** Asked for by every statement, so what was read once is kept as long as its text is the same. */
  login(name: string): StoredLogin | undefined {
    const key = name.toLowerCase();
    const text = this.#master.content.properties.get(`${LOGIN}${key}`);
    if (text === undefined) return undefined;
    const known = this.#logins.get(key);
    if (known?.text === text) return known.stored;
    const stored = fromJson<StoredLogin>(text);
    this.#logins.set(key, { text, stored });
    return stored;
  }

  putLogin(stored: StoredLogin): void {
    this.#put(`${LOGIN}${stored.login.name.toLowerCase()}`, stored);
  }

  dropLogin(name: string): void {
    this.#put(`${LOGIN}${name.toLowerCase()}`, undefined);
  }

  configuration(): Map<string, number> {
    return new Map(this.#all<number>(CONFIGURATION));
  }

  putConfiguration(name: string, value: number): void {
    this.#put(`${CONFIGURATION}${name}`, value);
  }
}

/** A Map whose writes are kept in master. */
export class Configuration extends Map<string, number> {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    super();
    this.#catalog = catalog;
    for (const [name, value] of [...DEFAULTS, ...catalog.configuration()]) super.set(name, value);
  }

  override set(name: string, value: number): this {
    this.#catalog.putConfiguration(name, value);
    return super.set(name, value);
  }
}

const DEFAULTS: readonly (readonly [string, number])[] = [
  ['backup compression default', 0],
  ['backup checksum default', 0],
  ['max degree of parallelism', 0],
  ['max server memory (MB)', 2_147_483_647],
  ['min server memory (MB)', 0],
  ['show advanced options', 0],
  ['xp_cmdshell', 0],
  ['recovery interval (min)', 0],
];
