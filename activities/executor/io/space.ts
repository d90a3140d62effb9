import { statfs } from 'node:fs/promises';

/** Bytes that a volume can still take; null when it does not say. */
export async function freeBytes(path: string): Promise<number | null> {
  const found = await statfs(path).catch(() => null);
  return found === null || found.blocks === 0 ? null : found.bavail * found.bsize;
}
