import { gunzipSync, gzipSync } from 'node:zlib';
import { failure } from '../../failure.ts';
import type { ProgramTask } from './tasks.ts';

/** A task as files of its folder. */
export type PackedTask =
  /** One text, which fits into an annotation of the pod: then nothing can be missing when the pod starts. */
  | { readonly inline: { readonly name: string; readonly text: string } }
  /** Pieces that fit into a ConfigMap each, which hold a megabyte. */
  | { readonly parts: readonly { readonly name: string; readonly bytes: Buffer }[] };

const plainName = 'task.json';
const encodedName = 'task.json.gz.base64';
const mostPlain = 16 * 1024;
/** All annotations of an object together may have 256 KiB. */
const mostEncoded = 160 * 1024;
const bytesPerPart = 768 * 1024;
const mostParts = 32;

export function packTask(task: ProgramTask): PackedTask {
  const text = JSON.stringify(task);
  if (text.length <= mostPlain) return { inline: { name: plainName, text } };
  const bytes = gzipSync(text);
  const encoded = bytes.toString('base64');
  if (encoded.length <= mostEncoded) return { inline: { name: encodedName, text: encoded } };
  const count = Math.ceil(bytes.length / bytesPerPart);
  if (count > mostParts) {
    throw failure('InvalidInput', `The input of ${task.task} has ${bytes.length} bytes, more than a Job can be given`);
  }
  const parts = Array.from({ length: count }, (_, i) => {
    return { name: partName(i), bytes: bytes.subarray(i * bytesPerPart, (i + 1) * bytesPerPart) };
  });
  return { parts };
}

/** @param read the content of a file of the task's folder; null when it is not there */
export async function unpackTask(read: (name: string) => Promise<Buffer | null>): Promise<ProgramTask> {
  const plain = await read(plainName);
  if (plain !== null) return checked(plain.toString('utf8'));
  const encoded = await read(encodedName);
  const bytes = encoded === null ? await joined(read) : Buffer.from(encoded.toString('latin1'), 'base64');
  return checked(gunzipSync(bytes).toString('utf8'));
}

async function joined(read: (name: string) => Promise<Buffer | null>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let i = 0; i < mostParts; i += 1) {
    const part = await read(partName(i));
    if (part === null) break;
    parts.push(part);
  }
  if (parts.length === 0) throw new Error(`There is no ${plainName} in the task's folder`);
  return Buffer.concat(parts);
}

function partName(index: number): string {
  return `task.json.gz.${String(index).padStart(3, '0')}`;
}

function checked(json: string): ProgramTask {
  const task = JSON.parse(json) as ProgramTask;
  if ((task.formatVersion as number) === 1) return task;
  throw new Error(`The task is of format ${String(task.formatVersion)}: worker and executor are of different versions`);
}
