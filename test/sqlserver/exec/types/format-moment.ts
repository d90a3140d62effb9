import type { SqlMoment, SqlType } from '../../contracts.ts';
import { sqlError } from './errors.ts';
import { partsOf, TICKS_PER_MINUTE, toScale, type MomentParts } from './moment.ts';
import { monthName } from './parse-moment.ts';

const two = (value: number): string => value.toString().padStart(2, '0');

/** Text of a date and time value; `style` as CONVERT takes it ("Date and time styles"). */
export function formatMoment(moment: SqlMoment, type: SqlType, style?: number): string {
  const chosen = style ?? (type.name === 'datetime' || type.name === 'smalldatetime' ? 0 : 121);
  const digits = fractionDigits(type);
  const zoned = type.name === 'datetimeoffset';
  if (zoned && (chosen === 127 || chosen === 1)) {
    // Style 127 shows UTC.
    if (chosen === 127) {
      const utc = { ticks: moment.ticks - BigInt(moment.offsetMinutes ?? 0) * TICKS_PER_MINUTE };
      return `${layout(partsOf(utc.ticks), type, chosen, digits)}Z`;
    }
  }
  const ticks = type.name === 'datetime' ? toScale(moment.ticks, 3) : moment.ticks;
  const text = layout(partsOf(ticks), type, chosen, digits);
  if (!zoned) return text;
  const separator = chosen === 126 ? '' : ' ';
  return [0, 9, 13, 20, 21, 25, 100, 109, 113, 120, 121, 126, 14, 114, 8, 108].includes(chosen)
    ? `${text}${separator}${formatOffset(moment.offsetMinutes ?? 0)}`
    : text;
}

export function formatOffset(minutes: number): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

function fractionDigits(type: SqlType): number {
  switch (type.name) {
    case 'datetime':
    case 'smalldatetime':
      return 3;
    case 'date':
      return 0;
    default:
      return type.scale ?? 7;
  }
}

function layout(parts: MomentParts, type: SqlType, style: number, digits: number): string {
  const century = style >= 100 || [0, 9, 13, 20, 21, 23, 25].includes(style);
  const year = century ? parts.year.toString().padStart(4, '0') : two(parts.year % 100);
  const month = two(parts.month);
  const day = two(parts.day);
  const mon = monthName(parts.month).slice(0, 3);
  const clock = `${two(parts.hour)}:${two(parts.minute)}:${two(parts.second)}`;
  const fraction = parts.fraction.toString().padStart(7, '0').slice(0, digits);
  const withFraction = (mark: string): string => (digits === 0 ? clock : `${clock}${mark}${fraction}`);
  const hour12 = (((parts.hour + 11) % 12) + 1).toString().padStart(2, ' ');
  const half = parts.hour < 12 ? 'AM' : 'PM';
  const date = pick(type, 'date');
  const time = pick(type, 'time');
  switch (style % 100 === style || style >= 120 ? style : style - 100) {
    case 0:
      return (
        date(`${mon} ${day.replace(/^0/, ' ')} ${year} `, `${mon} ${day.replace(/^0/, ' ')} ${year}`) +
        time(`${hour12}:${two(parts.minute)}${half}`)
      );
    case 1:
      return only(type, 'date', style, `${month}/${day}/${year}`);
    case 2:
      return only(type, 'date', style, `${year}.${month}.${day}`);
    case 3:
      return only(type, 'date', style, `${day}/${month}/${year}`);
    case 4:
      return only(type, 'date', style, `${day}.${month}.${year}`);
    case 5:
      return only(type, 'date', style, `${day}-${month}-${year}`);
    case 6:
      return only(type, 'date', style, `${day} ${mon} ${year}`);
    case 7:
      return only(type, 'date', style, `${mon} ${day}, ${year}`);
    case 8:
    case 24:
      return only(type, 'time', style, clock);
    case 9:
      return (
        date(`${mon} ${day.replace(/^0/, ' ')} ${year} `, `${mon} ${day.replace(/^0/, ' ')} ${year}`) +
        time(
          `${hour12}:${two(parts.minute)}:${two(parts.second)}${digits === 0 ? '' : `${type.name === 'datetime' || type.name === 'smalldatetime' ? ':' : '.'}${fraction}`}${half}`,
        )
      );
    case 10:
      return only(type, 'date', style, `${month}-${day}-${year}`);
    case 11:
      return only(type, 'date', style, `${year}/${month}/${day}`);
    case 12:
      return only(type, 'date', style, `${year}${month}${day}`);
    case 13:
      return (
        date(`${day} ${mon} ${year} `, `${day} ${mon} ${year}`) +
        time(withFraction(type.name === 'datetime' || type.name === 'smalldatetime' ? ':' : '.'))
      );
    case 14:
      return only(
        type,
        'time',
        style,
        withFraction(type.name === 'datetime' || type.name === 'smalldatetime' ? ':' : '.'),
      );
    case 20:
    case 120:
      return date(`${year}-${month}-${day} `, `${year}-${month}-${day}`) + time(clock);
    case 21:
    case 25:
    case 121:
      return date(`${year}-${month}-${day} `, `${year}-${month}-${day}`) + time(withFraction('.'));
    case 22:
      return (
        date(`${month}/${day}/${two(parts.year % 100)} `, `${month}/${day}/${two(parts.year % 100)}`) +
        time(`${hour12}:${two(parts.minute)}:${two(parts.second)} ${half}`)
      );
    case 23:
      return only(type, 'date', style, `${year}-${month}-${day}`);
    case 126:
    case 127: {
      const zero = parts.fraction === 0 && (type.name === 'datetime' || type.name === 'smalldatetime');
      return date(`${year}-${month}-${day}T`, `${year}-${month}-${day}`) + time(zero ? clock : withFraction('.'));
    }
    default:
      throw sqlError(
        281,
        16,
        1,
        `${style} is not a valid style number when converting from ${type.name} to a character string.`,
      );
  }
}

/** The part of a layout that the type has; a date alone has no separator behind it. */
function pick(type: SqlType, part: 'date' | 'time'): (text: string, alone?: string) => string {
  if (part === 'date')
    return (text, alone) => (type.name === 'time' ? '' : type.name === 'date' ? (alone ?? text) : text);
  return (text) => (type.name === 'date' ? '' : text);
}

function only(type: SqlType, part: 'date' | 'time', style: number, text: string): string {
  if ((part === 'date' && type.name === 'time') || (part === 'time' && type.name === 'date')) {
    throw sqlError(
      281,
      16,
      1,
      `${style} is not a valid style number when converting from ${type.name} to a character string.`,
    );
  }
  return text;
}
