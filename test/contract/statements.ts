import { quoteName, quoteString } from '../../workflows/domain/quoting.ts';

const withOptions = (options: string | undefined): string => (options === undefined ? '' : ` WITH ${options}`);

/** Several devices are a striped set. */
export const disk = (...paths: readonly string[]): string =>
  paths.map((path) => `DISK = ${quoteString(path)}`).join(', ');

type Device = string | readonly string[];
const devices = (device: Device): string => disk(...(typeof device === 'string' ? [device] : device));

export const backup = (database: string, device: Device, options?: string): string =>
  `BACKUP DATABASE ${quoteName(database)} TO ${devices(device)}${withOptions(options)}`;

export const backupLog = (database: string, device: Device, options?: string): string =>
  `BACKUP LOG ${quoteName(database)} TO ${devices(device)}${withOptions(options)}`;

export const restore = (database: string, device: Device, options?: string): string =>
  `RESTORE DATABASE ${quoteName(database)} FROM ${devices(device)}${withOptions(options)}`;

export const restoreLog = (database: string, device: Device, options?: string): string =>
  `RESTORE LOG ${quoteName(database)} FROM ${devices(device)}${withOptions(options)}`;

export const recover = (database: string): string => `RESTORE DATABASE ${quoteName(database)} WITH RECOVERY`;

export const about = (
  what: 'HEADERONLY' | 'FILELISTONLY' | 'LABELONLY' | 'VERIFYONLY',
  device: Device,
  options?: string,
): string => `RESTORE ${what} FROM ${devices(device)}${withOptions(options)}`;

export const insert = (database: string, note: string): string =>
  `INSERT INTO ${quoteName(database)}.dbo.t (note) VALUES (${quoteString(note)})`;
