import type { SqlMoment, SqlType } from '../../contracts.ts';
import { invalidOperand, sqlError } from '../types/errors.ts';
import { epochFromMoment } from '../types/moment.ts';
import { switchOffset } from '../types/convert-moment.ts';
import { familyOf, typeName } from '../types/sqltype.ts';
import type { Compiled } from './compiled.ts';

/** Windows names of zones and their IANA zones; the full list is long, these are what people write. */
const ZONES: Readonly<Record<string, string>> = {
  utc: 'UTC',
  'gmt standard time': 'Europe/London',
  'w. europe standard time': 'Europe/Berlin',
  'central europe standard time': 'Europe/Budapest',
  'romance standard time': 'Europe/Paris',
  'e. europe standard time': 'Europe/Chisinau',
  'eastern standard time': 'America/New_York',
  'central standard time': 'America/Chicago',
  'mountain standard time': 'America/Denver',
  'pacific standard time': 'America/Los_Angeles',
  'e. south america standard time': 'America/Sao_Paulo',
  'se asia standard time': 'Asia/Bangkok',
  'singapore standard time': 'Asia/Singapore',
  'china standard time': 'Asia/Shanghai',
  'tokyo standard time': 'Asia/Tokyo',
  'india standard time': 'Asia/Kolkata',
  'russian standard time': 'Europe/Moscow',
  'aus eastern standard time': 'Australia/Sydney',
};

/** AT TIME ZONE (Transact-SQL). */
export function compileZone(operand: Compiled, zone: Compiled): Compiled {
  if (familyOf(operand.type) !== 'datetime') throw invalidOperand(typeName(operand.type), 'AT TIME ZONE');
  const scale = operand.type.scale ?? (operand.type.name === 'datetime' ? 3 : 0);
  const type: SqlType = { name: 'datetimeoffset', scale };
  const zoned = operand.type.name === 'datetimeoffset';
  return {
    type,
    nullable: true,
    evaluate: (row, run) => {
      const value = operand.evaluate(row, run) as SqlMoment | null;
      const name = zone.evaluate(row, run) as string | null;
      if (value === null || name === null) return null;
      const iana = ZONES[name.toLowerCase()];
      if (iana === undefined) {
        throw sqlError(9820, 16, 1, `The time zone parameter '${name}' provided to AT TIME ZONE clause is invalid.`);
      }
      if (zoned) return switchOffset(value, offsetAt(iana, epochFromMoment(value)));
      // A local time without offset: the offset in force then; after a shift the later guess decides.
      const guess = offsetAt(iana, epochFromMoment(value, 0));
      const offsetMinutes = offsetAt(iana, epochFromMoment(value, guess));
      return { ticks: value.ticks, offsetMinutes };
    },
  };
}

function offsetAt(zone: string, epochMs: number): number {
  const text = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(epochMs)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(text ?? '');
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
