import { accessSync, chmodSync, chownSync, constants, existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { osErrorText, osText } from '../messages.ts';

/** The image runs as user mssql, uid 10001, primary group 0 ("Configure SQL Server container images - Security"). */
const SERVER_UID = 10_001;
const SERVER_GID = 0;
const FILE_MODE = 0o660;
const SYSTEM_ROOT = '/var/opt/mssql';
/** Every drive letter but C:, which stands for the root. */
const FOREIGN_DRIVE = /^[abd-z]:/i;

export interface Mount {
  /** As the server sees it, e.g. /backup-store. */
  readonly path: string;
  /** Where that is on the host. */
  readonly target: string;
}

type Access = 'read' | 'write';
const MODE_BIT = { read: 4, write: 2, search: 1 } as const;

/** Paths as the server sees them, and what it may do there. */
export class ServerPaths {
  readonly #mounts: readonly (Mount & { readonly trusted: boolean })[];

  constructor(dataRoot: string, mounts: readonly Mount[]) {
    const root = { path: SYSTEM_ROOT, target: dataRoot, trusted: true };
    this.#mounts = [root, ...mounts.map((m) => ({ ...m, trusted: false }))].toSorted(
      (a, b) => b.path.length - a.path.length,
    );
  }

  /**
   * `C:\var\opt\mssql\x`, `/var/opt/mssql/x` and relative names under `base` are the same place. A path on another
   * drive is no place, and messages show it as it was given.
   */
  normalize(path: string, base = `${SYSTEM_ROOT}/data`): string {
    if (FOREIGN_DRIVE.test(path)) return path;
    const slashes = path.replace(/^[cC]:(?=[\\/])/, '').replaceAll('\\', '/');
    return posix.normalize(slashes.startsWith('/') ? slashes : posix.join(base, slashes));
  }

  /** undefined: no such place for this server. */
  real(path: string): string | undefined {
    return this.#resolve(path)?.real;
  }

  /** Where the volume of a path is mounted, as the server sees it. */
  mountOf(path: string): string | undefined {
    const wanted = this.normalize(path);
    return this.#mounts.find((m) => m.path === '/' || wanted === m.path || wanted.startsWith(`${m.path}/`))?.path;
  }

  #resolve(path: string): { readonly real: string; readonly root: string; readonly trusted: boolean } | undefined {
    if (FOREIGN_DRIVE.test(path)) return undefined;
    const wanted = this.normalize(path);
    for (const mount of this.#mounts) {
      const prefix = mount.path === '/' ? '/' : `${mount.path}/`;
      if (wanted !== mount.path && !wanted.startsWith(prefix)) continue;
      const rest = wanted.slice(mount.path.length);
      return { real: join(mount.target, rest), root: mount.target, trusted: mount.trusted };
    }
    return undefined;
  }

  /** Why the server cannot have this access, as Windows text; undefined when it can. */
  problem(path: string, access: Access): string | undefined {
    const place = this.#resolve(path);
    if (place === undefined) return osText.notFound;
    if (!existsSync(place.real)) return this.#existsHidden(place) ? osText.denied : osText.notFound;
    if (place.trusted) return undefined;
    return this.#reachable(place) && allowed(place.real, access) ? undefined : osText.denied;
  }

  /** Why a file cannot be created (or overwritten) there. A missing directory is `missing`. */
  createProblem(path: string): 'missing' | 'denied' | undefined {
    const place = this.#resolve(path);
    if (place === undefined) return 'missing';
    const parent = posix.dirname(place.real);
    if (!existsSync(parent) || !statSync(parent).isDirectory()) return 'missing';
    if (existsSync(place.real)) {
      if (statSync(place.real).isDirectory()) return 'denied';
      return place.trusted || (this.#reachable(place) && allowed(place.real, 'write')) ? undefined : 'denied';
    }
    if (place.trusted) return undefined;
    const outside = this.#resolve(posix.dirname(this.normalize(path)));
    if (outside === undefined) return 'missing';
    const writable = allowed(parent, 'write') && allowed(parent, 'search');
    return this.#reachable(place) && writable ? undefined : 'denied';
  }

  /** Files that the server makes belong to it. */
  adopt(real: string): void {
    if (process.getuid?.() !== 0) return;
    chownSync(real, SERVER_UID, SERVER_GID);
    chmodSync(real, statSync(real).isDirectory() ? 0o770 : FILE_MODE);
  }

  #existsHidden(place: { readonly real: string; readonly root: string; readonly trusted: boolean }): boolean {
    return !place.trusted && !this.#reachable(place);
  }

  /** Every directory from the mount down to the file lets the server through. */
  #reachable(place: { readonly real: string; readonly root: string }): boolean {
    let directory = place.root;
    const rest = posix.relative(place.root, posix.dirname(place.real));
    for (const part of ['', ...rest.split('/').filter((p) => p !== '')]) {
      directory = join(directory, part);
      if (!existsSync(directory)) return true;
      if (!allowed(directory, 'search')) return false;
    }
    return true;
  }
}

/** Run by root, a server judges as its own user would be judged; run by anybody else, the kernel judges. */
function allowed(real: string, access: keyof typeof MODE_BIT): boolean {
  if (process.getuid?.() !== 0) {
    const mode = { read: constants.R_OK, write: constants.W_OK, search: constants.X_OK }[access];
    try {
      accessSync(real, mode);
      return true;
    } catch (error) {
      osErrorText(error);
      return false;
    }
  }
  const { uid, gid, mode } = statSync(real);
  const shift = uid === SERVER_UID ? 6 : gid === SERVER_GID ? 3 : 0;
  return ((mode >> shift) & MODE_BIT[access]) !== 0;
}
