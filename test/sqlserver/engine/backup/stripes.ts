import { existsSync } from 'node:fs';
import { open, rm, stat, truncate } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { SqlError } from '../../contracts.ts';
import type { BackupStatement } from '../../contracts.ts';
import { newGuid } from '../ids.ts';
import type { EngineInstance } from '../instance.ts';
import { cannotOpenDevice, failure, osErrorText, osText, writeFailed } from '../messages.ts';
import { momentNow } from '../moment.ts';
import { END_OFFSET_AT, endOffsetField, MEDIA_BYTES, mediaBlock } from './media.ts';
import { MediaFile } from './media-file.ts';
import type { MediaHeader } from './set.ts';

/** `TO DISK = 'NUL'` throws the data away, and still counts as a backup: base and archive point move. */
const NOWHERE = /^nul:?$/i;

/** One file that a backup writes. What it finds is kept, so that a failure can put it back. */
class Stripe {
  readonly path: string;
  readonly real: string;
  readonly #instance: EngineInstance;
  readonly #handle: FileHandle;
  readonly #created: boolean;
  readonly #keep: number;
  #at: number;
  #startedAt = 0;
  #ended = false;

  constructor(options: {
    readonly instance: EngineInstance;
    readonly path: string;
    readonly real: string;
    readonly handle: FileHandle;
    readonly created: boolean;
    readonly keep: number;
  }) {
    this.#instance = options.instance;
    this.path = options.path;
    this.real = options.real;
    this.#handle = options.handle;
    this.#created = options.created;
    this.#keep = options.keep;
    this.#at = options.keep;
  }

  get #isNowhere(): boolean {
    return NOWHERE.test(this.path);
  }

  /** @throws SqlError 3202 */
  async write(bytes: Buffer): Promise<void> {
    await this.#writeAt(bytes, this.#at);
    this.#at += bytes.length;
  }

  async #writeAt(bytes: Buffer, offset: number): Promise<void> {
    const faulted = this.#instance.faults.write(this.#instance.paths.normalize(this.path), bytes);
    if (faulted.full) throw writeFailed(this.path, osText.diskFull);
    try {
      let done = 0;
      while (done < faulted.bytes.length) {
        const { bytesWritten } = await this.#handle.write(
          faulted.bytes,
          done,
          faulted.bytes.length - done,
          offset + done,
        );
        done += bytesWritten;
      }
    } catch (error) {
      throw writeFailed(this.path, osErrorText(error));
    }
  }

  async begin(media: MediaHeader | undefined, start: Buffer): Promise<void> {
    if (media !== undefined) {
      this.#at = 0;
      await this.write(mediaBlock(media));
    }
    this.#startedAt = this.#at;
    await this.write(start);
    if (!this.#isNowhere) await this.#handle.truncate(this.#at);
  }

  async end(block: Buffer): Promise<void> {
    const at = this.#at;
    await this.write(block);
    await this.#writeAt(endOffsetField(at), this.#startedAt + END_OFFSET_AT);
    await this.#handle.close();
    this.#ended = true;
    this.#instance.writing.delete(this.real);
  }

  /**
   * A failed or cancelled BACKUP: a file that it created goes, a media set that it appended to ends where it ended
   * before. What INIT or FORMAT had begun to overwrite is lost and stays as a torn set.
   */
  async abandon(): Promise<void> {
    if (!this.#ended) await this.#handle.close();
    if (this.#created) await rm(this.real, { force: true });
    else if (this.#keep > MEDIA_BYTES && !this.#isNowhere) await truncate(this.real, this.#keep);
    this.#instance.writing.delete(this.real);
  }
}

export interface OpenedMedia {
  readonly stripes: readonly Stripe[];
  /** Written before the set where the media is new. */
  readonly headers: readonly MediaHeader[];
  readonly isNew: boolean;
  readonly position: number;
  readonly compressed: boolean;
}

interface Existing {
  readonly header: MediaHeader;
  readonly sets: number;
  readonly end: number;
  readonly expires: bigint | undefined;
}

/** What is on a device already; undefined for a new or empty file. @throws SqlError 3241 and read errors */
async function inspect(instance: EngineInstance, path: string, real: string): Promise<Existing | undefined> {
  const found = await stat(real).catch(() => undefined);
  if (found === undefined || found.size === 0) return undefined;
  const file = await MediaFile.open(instance, path);
  try {
    let sets = 0;
    let end = MEDIA_BYTES;
    let expires: bigint | undefined;
    for await (const { set, next, start } of file.sets()) {
      // unknown: what a server does with media whose last set is torn. Here the next set takes its place.
      if (set === undefined) break;
      sets += 1;
      end = next;
      if (start.expirationTicks !== null && start.expirationTicks > (expires ?? 0n)) expires = start.expirationTicks;
    }
    return { header: file.header, sets, end, expires };
  } finally {
    await file.close();
  }
}

function checkMedia(statement: BackupStatement, path: string, existing: Existing, now: bigint): void {
  const { header } = existing;
  if (header.familyCount !== statement.devices.length) {
    throw new SqlError(
      failure(
        3231,
        `The media loaded on "${path}" is formatted to support ${header.familyCount} media families, but ${statement.devices.length} media families are expected according to the backup device specification.`,
      ),
    );
  }
  if (statement.mediaName !== undefined && statement.mediaName !== (header.name ?? '')) {
    throw new SqlError(
      failure(
        4037,
        `The user-specified MEDIANAME "${statement.mediaName}" does not match the MEDIANAME "${header.name ?? ''}" of the device "${path}".`,
      ),
    );
  }
  if (statement.init && !statement.skip && existing.expires !== undefined && existing.expires > now) {
    throw new SqlError(
      failure(4030, `The medium on device '${path}' expires on a later date and cannot be overwritten.`, 1, 16),
    );
  }
  const wants = statement.compression;
  if (!statement.init && wants !== undefined && wants !== header.compressed && existing.sets > 0) {
    const [asked, other] = wants ? ['COMPRESSION', 'NO_COMPRESSION'] : ['NO_COMPRESSION', 'COMPRESSION'];
    throw new SqlError(
      failure(
        3098,
        `The backup cannot be performed because '${asked}' was requested after the media was formatted with an incompatible structure. To append to this media set, either omit '${asked}' or specify '${other}'. Alternatively, you can create a new media set by using WITH FORMAT in your BACKUP statement. If you use WITH FORMAT on an existing media set, all its backup sets will be overwritten.`,
      ),
    );
  }
}

async function openStripe(instance: EngineInstance, path: string, real: string, keep: number): Promise<Stripe> {
  const created = !existsSync(real);
  let handle: FileHandle;
  try {
    handle = await open(real, created ? 'wx+' : 'r+');
    if (created) instance.paths.adopt(real);
  } catch (error) {
    throw cannotOpenDevice(path, osErrorText(error), 1);
  }
  if (!NOWHERE.test(path)) instance.writing.add(real);
  return new Stripe({ instance, path, real, handle, created, keep });
}

/** Opens every device of a BACKUP under the rules of INIT, NOINIT, FORMAT and SKIP. @throws SqlError */
export async function openMedia(instance: EngineInstance, statement: BackupStatement): Promise<OpenedMedia> {
  const devices = statement.devices.map(({ path }) => {
    if (NOWHERE.test(path)) return { path, real: '/dev/null' };
    const normal = instance.paths.normalize(path, instance.defaultBackupPath);
    // On Linux a missing directory reads "access is denied" too.
    if (instance.paths.createProblem(normal) !== undefined) throw cannotOpenDevice(path, osText.denied, 1);
    const real = instance.paths.real(normal)!;
    if (instance.writing.has(real) || instance.isDatabaseFile(real)) throw cannotOpenDevice(path, osText.inUse, 1);
    return { path, real };
  });
  const now = momentNow(instance.clock).ticks;
  const existing = statement.format
    ? devices.map(() => undefined)
    : await Promise.all(devices.map(({ path, real }) => inspect(instance, path, real)));
  existing.forEach((found, i) => found && checkMedia(statement, devices[i]!.path, found, now));
  const first = existing.every((found) => found !== undefined) ? existing[0] : undefined;
  const appending = first !== undefined && !statement.init;
  const asked = statement.compression ?? instance.configuration.get('backup compression default') === 1;
  const compressed = appending && first.sets > 0 ? first.header.compressed : asked;
  const mediaSetGuid = first?.header.mediaSetGuid ?? newGuid();
  const headers = devices.map((_device, i): MediaHeader => ({
    mediaSetGuid,
    familyCount: devices.length,
    familyNumber: i + 1,
    familyGuid: existing[i]?.header.familyGuid ?? newGuid(),
    name: first?.header.name ?? statement.mediaName ?? null,
    description: first?.header.description ?? statement.mediaDescription ?? null,
    dateTicks: first?.header.dateTicks ?? now,
    compressed,
  }));
  const stripes: Stripe[] = [];
  try {
    for (const [i, { path, real }] of devices.entries()) {
      stripes.push(await openStripe(instance, path, real, appending ? existing[i]!.end : 0));
    }
  } catch (error) {
    for (const stripe of stripes) await stripe.abandon();
    throw error;
  }
  return { stripes, headers, isNew: !appending, position: appending ? first.sets + 1 : 1, compressed };
}
