/** `2026-02-10T13:54:34.1234567+07:00` → 420. */
export function offsetOf(text: string): number {
  const found = /(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(text);
  if (found === null) throw new RangeError(`${JSON.stringify(text)} has no offset`);
  const minutes = Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0);
  return found[1] === '-' ? -minutes : minutes;
}

/** Local time of the server, as CONVERT writes a datetime in style 126, to UTC with milliseconds. */
export function toUtc(local: string, utcOffsetMinutes: number): string {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) throw new RangeError(`${JSON.stringify(local)} is not a time of the server`);
  return new Date(asUtc - utcOffsetMinutes * 60_000).toISOString();
}

/**
 * Offset of the source's clock when a backup was taken.
 *
 * backupset (Transact-SQL), time_zone: local time minus UTC in quarters of an hour, -48 to 48, 127 when unknown. Real
 * servers fill it in for log backups; in data backups' headers 0, 64 and 120 were seen on a UTC-3 server, so for them only the
 * offset of now counts, which runs read within minutes of the backup.
 * unknown: whether msdb's column is as unreliable for data backups as the header's.
 */
export function offsetAtBackup(timeZone: number | null, isLog: boolean, currentOffsetMinutes: number): number {
  if (!isLog || timeZone === null || Math.abs(timeZone) > 48) return currentOffsetMinutes;
  return timeZone * 15;
}
