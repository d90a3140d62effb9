import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Instance } from '../../contracts.ts';
import { failure, osErrorText, osText, sqlError } from '../messages.ts';
import { SqlError } from '../../contracts.ts';
import type { Faults } from '../faults.ts';
import { MEDIA_MAGIC } from '../backup/media.ts';
import type { ServerPaths } from './paths.ts';

function stat(real: string | undefined) {
  return real === undefined ? undefined : statSync(real, { throwIfNoEntry: false });
}

function isBackupFile(real: string): boolean {
  const head = Buffer.alloc(MEDIA_MAGIC.length);
  const fd = openSync(real, 'r');
  try {
    return readSync(fd, head, 0, head.length, 0) === head.length && head.equals(MEDIA_MAGIC);
  } finally {
    closeSync(fd);
  }
}

/** What xp_ procedures and file DMVs see. */
export function serverFiles(paths: ServerPaths, faults: Faults): Instance['files'] {
  return {
    exists(path) {
      const found = paths.problem(path, 'read') === osText.denied ? undefined : stat(paths.real(path));
      const parent = paths.real(dirname(paths.normalize(path)));
      return {
        exists: found?.isFile() ?? false,
        isDirectory: found?.isDirectory() ?? false,
        parentExists: stat(parent)?.isDirectory() ?? false,
      };
    },

    list(path) {
      if (paths.problem(path, 'read') !== undefined) return [];
      const real = paths.real(path);
      if (real === undefined || !stat(real)?.isDirectory()) return [];
      return readdirSync(real).flatMap((name) => {
        const found = stat(join(real, name));
        if (found === undefined) return [];
        return [{ name, isDirectory: found.isDirectory(), sizeBytes: found.size, modified: found.mtimeMs }];
      });
    },

    makeDirectory(path) {
      const missing: string[] = [];
      let place = paths.normalize(path);
      while (place !== '/' && stat(paths.real(place)) === undefined) {
        missing.unshift(place);
        place = dirname(place);
      }
      const first = missing[0];
      if (first === undefined) return;
      if (paths.createProblem(first) !== undefined) {
        throw new SqlError(failure(22048, `xp_create_subdir() returned error 5, '${osText.denied.slice(2, -1)}'`));
      }
      for (const directory of missing) {
        const real = paths.real(directory)!;
        mkdirSync(real);
        paths.adopt(real);
      }
    },

    volume(path) {
      const normal = paths.normalize(path);
      const real = paths.real(normal);
      if (real === undefined || !existsSync(real)) return undefined;
      const { bsize, blocks, bavail } = statfsSync(real);
      const availableBytes = Math.min(bsize * bavail, faults.room(`${normal}/`));
      return { mountPoint: paths.mountOf(normal) ?? '/', totalBytes: bsize * blocks, availableBytes };
    },

    readLog(name) {
      const real = paths.real(`/var/opt/mssql/log/${basename(name)}`);
      return real !== undefined && existsSync(real) ? readFileSync(real, 'utf8') : undefined;
    },

    deleteBackup(path) {
      const problem = paths.problem(path, 'write');
      const real = paths.real(path);
      if (problem !== undefined || real === undefined) {
        throw sqlError(22049, `xp_delete_file() returned error ${problem ?? osText.notFound}`);
      }
      try {
        if (stat(real)?.isFile() && isBackupFile(real)) rmSync(real);
      } catch (error) {
        throw sqlError(22049, `xp_delete_file() returned error ${osErrorText(error)}`);
      }
    },
  };
}
