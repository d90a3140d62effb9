import { SqlError } from '../../contracts.ts';
import type { DateFormat } from '../types/parse-moment.ts';

/** Bits of @@OPTIONS ("Configure the user options Server Configuration Option"). */
const OPTION_BITS: Readonly<Record<string, number>> = {
  IMPLICIT_TRANSACTIONS: 2,
  CURSOR_CLOSE_ON_COMMIT: 4,
  ANSI_WARNINGS: 8,
  ANSI_PADDING: 16,
  ANSI_NULLS: 32,
  ARITHABORT: 64,
  ARITHIGNORE: 128,
  QUOTED_IDENTIFIER: 256,
  NOCOUNT: 512,
  ANSI_NULL_DFLT_ON: 1024,
  ANSI_NULL_DFLT_OFF: 2048,
  CONCAT_NULL_YIELDS_NULL: 4096,
  NUMERIC_ROUNDABORT: 8192,
  XACT_ABORT: 16384,
};

/** What drivers switch on at login. */
const ON_AT_LOGIN = [
  'ANSI_NULLS',
  'ANSI_NULL_DFLT_ON',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'CONCAT_NULL_YIELDS_NULL',
  'QUOTED_IDENTIFIER',
];

const LANGUAGES: Readonly<Record<string, string>> = { us_english: 'us_english', english: 'us_english' };

const DATE_FORMATS: readonly string[] = ['mdy', 'dmy', 'ymd', 'ydm', 'myd', 'dym'];

/** Options of a session: SET statements, back to their start at sp_reset_connection. */
export class Settings {
  readonly options = new Map<string, boolean>();
  dateFormat: DateFormat = 'mdy';
  dateFirst = 7;
  language = 'us_english';
  textSize = 2_147_483_647;
  /** Milliseconds, -1 waits for ever. */
  lockTimeout = -1;
  isolationLevel = 2;
  /** SET ROWCOUNT, 0 is no limit. */
  rowLimit = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.options.clear();
    for (const name of Object.keys(OPTION_BITS)) this.options.set(name, ON_AT_LOGIN.includes(name));
    this.dateFormat = 'mdy';
    this.dateFirst = 7;
    this.language = 'us_english';
    this.textSize = 2_147_483_647;
    this.lockTimeout = -1;
    this.isolationLevel = 2;
    this.rowLimit = 0;
  }

  isOn(option: string): boolean {
    return this.options.get(option) === true;
  }

  get optionBits(): number {
    let bits = 0;
    for (const [name, bit] of Object.entries(OPTION_BITS)) if (this.isOn(name)) bits |= bit;
    return bits;
  }

  setDateFormat(format: string): void {
    if (!DATE_FORMATS.includes(format.toLowerCase())) {
      throw new SqlError({
        number: 2741,
        class: 16,
        state: 1,
        text: `SET DATEFORMAT date order '${format}' is invalid.`,
      });
    }
    this.dateFormat = format.toLowerCase() as DateFormat;
  }

  setDateFirst(day: number): void {
    if (!Number.isInteger(day) || day < 1 || day > 7) {
      throw new SqlError({ number: 2744, class: 16, state: 1, text: `The SET DATEFIRST value ${day} is invalid.` });
    }
    this.dateFirst = day;
  }

  /** The language's own name. Only us_english is here. */
  setLanguage(language: string): string {
    const known = LANGUAGES[language.toLowerCase()];
    if (known === undefined) {
      throw new SqlError({
        number: 2740,
        class: 16,
        state: 1,
        text: `SET LANGUAGE failed because '${language}' is not an official language name or a language alias on this SQL Server.`,
      });
    }
    this.language = known;
    this.dateFormat = 'mdy';
    this.dateFirst = 7;
    return known;
  }
}
