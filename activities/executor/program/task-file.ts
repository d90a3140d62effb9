import { gunzipSync, gzipSync } from 'node:zlib';
import { failure } from '../../failure.ts';
import type { ProgramTask } from './tasks.ts';

/**
 * A task as files of its folder: readable when it is small, compressed and cut when it is large. The parts are kept in
 * ConfigMaps, which hold a megabyte each.
 */
export type TaskPart =
  { readonly name: string; readonly text: string } | { readonly name: string; readonly bytes: Buffer };

const wholeName = 'task.json';
const mostText = 64 * 1024;
const bytesPerPart = 768 * 1024;
const mostParts = 32;

export function packTask(task: ProgramTask): readonly TaskPart[] {
  const text = JSON.stringify(task, null, 2);
  if (text.length <= mostText) return [{ name: wholeName, text: `${text}\n` }];
  const bytes = gzipSync(JSON.stringify(task));
  const count = Math.ceil(bytes.length / bytesPerPart);
  if (count > mostParts) {
    throw failure('InvalidInput', `The input of ${task.task} has ${bytes.length} bytes, more than a Job can be given`);
  }
  return Array.from({ length: count }, (_, i) => ({
    name: partName(i),
    bytes: bytes.subarray(i * bytesPerPart, (i + 1) * bytesPerPart),
  }));
}

/** @param read the content of a file of the task's folder; null when it is not there */
export async function unpackTask(read: (name: string) => Promise<Buffer | null>): Promise<ProgramTask> {
  const whole = await read(wholeName);
  if (whole !== null) return checked(whole.toString('utf8'));
  const parts: Buffer[] = [];
  for (let i = 0; i < mostParts; i += 1) {
    const part = await read(partName(i));
    if (part === null) break;
    parts.push(part);
  }
  if (parts.length === 0) throw new Error(`There is no ${wholeName} in the task's folder`);
  return checked(gunzipSync(Buffer.concat(parts)).toString('utf8'));
}

function partName(index: number): string {
  return `${wholeName}.gz.${String(index).padStart(3, '0')}`;
}

function checked(json: string): ProgramTask {
  const task = JSON.parse(json) as ProgramTask;
  if ((task.formatVersion as number) === 1) return task;
  throw new Error(`The task is of format ${String(task.formatVersion)}: worker and executor are of different versions`);
}
