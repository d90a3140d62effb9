import type { ServerError } from './map-error.ts';

/** 3211: `%d percent processed.` (BACKUP and RESTORE, STATS); null for any other message. */
export function percentOf(message: ServerError): number | null {
  if (message.number !== 3211) return null;
  const percent = Number.parseInt(message.message, 10);
  return Number.isNaN(percent) ? null : percent;
}
