import { promisify } from 'node:util';
import { crc32, zstdDecompress } from 'node:zlib';
import type { InputType } from 'node:zlib';
import { SqlError } from '../../contracts.ts';
import type { BackupStatement } from '../../contracts.ts';
import { checkDeviceKind } from '../backup/backup.ts';
import { CHUNK_HEADER, readChunkHeader } from '../backup/media.ts';
import type { ChunkHeader } from '../backup/media.ts';
import { malformed, MediaFile } from '../backup/media-file.ts';
import type { FoundSet } from '../backup/media-file.ts';
import type { BackupSet } from '../backup/set.ts';
import type { EngineInstance } from '../instance.ts';
import { failure, osText, readFailed, sqlError } from '../messages.ts';

const decompress: (bytes: InputType) => Promise<Buffer> = promisify(zstdDecompress);
const READ_AHEAD = 3;

export interface Chunk {
  readonly header: ChunkHeader;
  readonly bytes: Buffer;
  /** What was read is not what was written. */
  readonly damaged: boolean;
}

interface Located {
  readonly file: MediaFile;
  readonly found: FoundSet;
}

/** A backup set on all its stripes. */
export interface OpenSet {
  readonly set: BackupSet;
  chunks(): AsyncIterable<Chunk>;
}

export class MediaSet implements AsyncDisposable {
  readonly files: readonly MediaFile[];

  private constructor(files: readonly MediaFile[]) {
    this.files = files;
  }

  /** @throws SqlError 3201, 3241, 3132, 3227 */
  static async open(
    instance: EngineInstance,
    devices: BackupStatement['devices'],
    options: { readonly allFamilies: boolean },
  ): Promise<MediaSet> {
    const files: MediaFile[] = [];
    try {
      for (const device of devices) {
        checkDeviceKind(device);
        files.push(await MediaFile.open(instance, device.path));
      }
      if (options.allFamilies) checkFamilies(files);
      return new MediaSet(files.toSorted((a, b) => a.header.familyNumber - b.header.familyNumber));
    } catch (error) {
      for (const file of files) await file.close();
      throw error;
    }
  }

  get headers() {
    return this.files.map((f) => f.header);
  }

  /** @throws SqlError 3287, 3256 */
  async set(position: number): Promise<OpenSet> {
    const located: Located[] = [];
    for (const file of this.files) located.push({ file, found: await locate(file, position) });
    const { set } = located[0]!.found;
    if (set === undefined || located.some((l) => l.found.set === undefined)) throw unfinished(located[0]!.file.path);
    return { set, chunks: () => chunksOf(located, set) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.files) await file.close();
  }
}

async function locate(file: MediaFile, position: number): Promise<FoundSet> {
  let at = 0;
  for await (const found of file.sets()) {
    at += 1;
    if (at === position) return found;
  }
  throw sqlError(3287, `The file ID ${position} on device '${file.path}' is incorrectly formed and can not be read.`);
}

export const unfinished = (path: string) =>
  sqlError(
    3256,
    `The backup set on device '${path}' was terminated while it was being created and is incomplete. RESTORE sequence is terminated abnormally.`,
  );

function checkFamilies(files: readonly MediaFile[]): void {
  const first = files[0]!;
  const families = first.header.familyCount;
  for (const [i, file] of files.entries()) {
    const twin = files.slice(0, i).find((f) => f.header.familyGuid === file.header.familyGuid);
    if (twin === undefined) continue;
    throw new SqlError(
      failure(
        3227,
        `The backup media on "${file.path}" is part of media family ${file.header.familyNumber} which has already been processed on "${twin.path}". Ensure that backup devices are correctly specified. For tape devices, ensure that the correct volumes are loaded.`,
      ),
    );
  }
  const stranger = files.find((f) => f.header.mediaSetGuid !== first.header.mediaSetGuid);
  if (stranger !== undefined) throw malformed(stranger.path);
  if (files.length < families) {
    throw sqlError(
      3132,
      `The media set has ${families} media families but only ${files.length} are provided. All members must be provided.`,
    );
  }
}

async function readChunk(file: MediaFile, at: number, hasChecksums: boolean): Promise<Chunk & { next: number }> {
  const header = readChunkHeader(await file.read(at, CHUNK_HEADER));
  if (header === undefined) throw hasChecksums ? damage() : malformed(file.path);
  const stored = await file.read(at + CHUNK_HEADER, header.storedLength);
  const next = at + CHUNK_HEADER + header.storedLength;
  // Without CHECKSUM nobody looks at data pages on their way: the damage is restored, and CHECKDB finds it.
  const looks = hasChecksums || header.compressed || header.kind !== 'extent';
  const damaged = looks && crc32(stored) !== header.crc;
  if (damaged || !header.compressed) return { header, bytes: stored, damaged, next };
  return { header, bytes: await decompress(stored), damaged, next };
}

/** Chunks in the order in which they were written: one from each stripe in turn. */
async function* chunksOf(located: readonly Located[], set: BackupSet): AsyncGenerator<Chunk> {
  const places = located.map(({ file, found }) => ({ file, at: found.chunksAt, end: found.endAt }));
  let turn = 0;
  const read = async () => {
    const place = places[turn % places.length]!;
    turn += 1;
    if (place.at >= place.end) return undefined;
    const chunk = await readChunk(place.file, place.at, set.hasChecksums);
    place.at = chunk.next;
    return chunk;
  };
  // Only one read is under way in a file; reading ahead overlaps it with what is done to the chunks before.
  const ahead: Promise<Chunk | undefined>[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const enqueue = () => {
    const next = last.then(read);
    last = next.catch(() => undefined);
    next.catch(() => undefined);
    ahead.push(next);
  };
  for (let i = 0; i < READ_AHEAD; i += 1) enqueue();
  for (;;) {
    const chunk = await ahead.shift();
    if (chunk === undefined) break;
    enqueue();
    yield chunk;
  }
  await last;
}

export const damage = () => sqlError(3189, 'Damage to the backup set was detected.');

/** What a damaged chunk that cannot be passed over is called. */
export function damagedChunk(set: BackupSet, path: string): SqlError {
  return set.hasChecksums ? damage() : readFailed(path, osText.invalidData);
}
