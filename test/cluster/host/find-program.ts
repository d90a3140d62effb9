import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Like a shell's `command -v`; also where root's programs are, which are not in everybody's PATH. */
export function findProgram(name: string): string | null {
  if (name.startsWith('/')) return existsSync(name) ? name : null;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}
