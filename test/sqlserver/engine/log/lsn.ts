import type { Lsn } from '../../contracts.ts';

/**
 * Inside the engine a place in a log is a byte count since the database was created ("position"): a double holds it
 * exactly, and it maps to a place in the file by subtraction. At the rim it is an LSN: VLF ‖ block(10) ‖ slot(5), where
 * a block is a 512-byte sector of its VLF ("SQL Server transaction log architecture and management guide").
 */
export const SECTOR = 512;
const FIRST_VLF = 39;
const VLF_SECTORS = 16_384;
/** The first sectors of a VLF hold its header. */
const VLF_HEADER_SECTORS = 16;
/** Where the log of a newly created database starts. */
export const FIRST_POSITION = 104 * SECTOR;

export function lsnAt(position: number, slot = 1): Lsn {
  const sector = Math.floor(position / SECTOR);
  const vlf = FIRST_VLF + Math.floor(sector / VLF_SECTORS);
  const block = VLF_HEADER_SECTORS + (sector % VLF_SECTORS);
  return BigInt(vlf) * 1_000_000_000_000_000n + BigInt(block) * 100_000n + BigInt(slot);
}

/** The position of the block that an LSN lies in; undefined when no log can contain it. */
export function positionOf(lsn: Lsn): number | undefined {
  const vlf = Number(lsn / 1_000_000_000_000_000n);
  const block = Number((lsn / 100_000n) % 10_000_000_000n);
  if (vlf < FIRST_VLF || block < VLF_HEADER_SECTORS || block >= VLF_HEADER_SECTORS + VLF_SECTORS) return undefined;
  return ((vlf - FIRST_VLF) * VLF_SECTORS + block - VLF_HEADER_SECTORS) * SECTOR;
}

/** `39:1000:1`, as the error log prints it. */
export function lsnText(lsn: Lsn): string {
  return `${lsn / 1_000_000_000_000_000n}:${(lsn / 100_000n) % 10_000_000_000n}:${lsn % 100_000n}`;
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / SECTOR) * SECTOR;
}
