import { Command, Option } from 'commander';
import { checkRestoreRequest, type RestoreRequest, type Validation } from '../../workflows/domain/request.ts';
import { wrongInput } from '../problem.ts';
import { refuseWrong } from '../request-problem.ts';
import { collect, globalsOf } from './globals.ts';

interface RestoreOptions {
  readonly target: string;
  readonly to: string;
  readonly database?: readonly string[];
  readonly rename?: readonly string[];
  readonly plan?: boolean;
  readonly checkDb?: boolean;
  readonly validate?: readonly string[];
  readonly repairUsers?: boolean;
  readonly keep?: boolean;
  readonly detach?: boolean;
}

const examples = `
Examples:
  mssql-pitr restore mssql-rt --target mssql-rt-target --to 2026-02-10T06:54:34Z --plan
  mssql-pitr restore mssql-rt --target mssql-rt-target --to 2026-02-10T07:54:34+01:00 --database db2
  mssql-pitr restore mssql-rt --target mssql-rt-target --to latest --rename db2=db2_before --check-db \\
    --validate 'db2: SELECT COUNT(*) FROM dbo.orders => 42'

The target instance is made when it does not exist. A restore never touches a database that it did not create, and removes
what it made when it fails or is cancelled, unless --keep is given.`;

export function restoreCommand(): Command {
  return new Command('restore')
    .summary('restore databases to a point in time, on another instance')
    .description('Restore all databases of an instance, or those named, to one common moment on another instance.')
    .argument('<source>', 'instance whose backups are restored')
    .requiredOption('--target <name>', 'instance that receives them; the source itself only with --rename')
    .requiredOption('--to <time>', 'ISO 8601 with a zone, e.g. 2026-02-10T06:54:34Z, or "latest"')
    .option('--database <name>', 'only this database; may be given several times', collect)
    .option('--rename <from=to>', 'give a database another name on the target; several times', collect)
    .option('--plan', 'show files, sizes and T-SQL, and make nothing')
    .option('--check-db', 'run DBCC CHECKDB on what was restored')
    .option('--validate <check>', "'database: query => expected', or the same as JSON; several times", collect)
    .option('--repair-users', 're-link users to the logins of the same name')
    .option('--keep', 'leave what was made in place when the restore fails or is cancelled')
    .option('--watch', 'show progress until the run ends (this is what happens anyway)')
    .addOption(new Option('--detach', 'return as soon as the run is started').conflicts(['watch', 'plan']))
    .addHelpText('after', examples)
    .action(async (source: string, options: RestoreOptions, command: Command) => {
      const request = restoreRequest(source, options);
      refuseWrong(checkRestoreRequest(request, Date.now()));
      const { restore } = await import('../actions/restore.ts');
      process.exitCode = await restore(request, { ...globalsOf(command), detach: options.detach ?? false });
    });
}

export function restoreRequest(source: string, options: RestoreOptions): RestoreRequest {
  const { target, to, database, rename, validate, plan, checkDb, repairUsers, keep } = options;
  return {
    source,
    target,
    to,
    ...(database && { databases: database }),
    ...(rename && { rename: parseRenames(rename) }),
    ...(plan && { mode: 'plan' as const }),
    ...(checkDb && { checkDb }),
    ...(validate && { validations: validate.map(parseValidation) }),
    ...(repairUsers && { repairUsers }),
    ...(keep && { keep }),
  };
}

function parseRenames(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map(parseRename);
  const twice = pairs.find(([from], i) => pairs.findIndex(([other]) => other === from) !== i);
  if (twice) throw wrongInput(`--rename gives ${twice[0]} two names.`, 'Give it one.');
  return Object.fromEntries(pairs);
}

function parseRename(text: string): [string, string] {
  const [from, to, ...rest] = text.split('=');
  if (!from || !to || rest.length > 0) {
    throw wrongInput(
      `--rename ${JSON.stringify(text)} is not of the form from=to.`,
      'Write e.g. --rename db2=db2_before.',
    );
  }
  return [from, to];
}

/** `=>` is no operator of T-SQL, so the last one parts the query from what is expected. */
export function parseValidation(text: string): Validation {
  const refuse = (): never => {
    throw wrongInput(
      `--validate ${JSON.stringify(text)} is not of the form 'database: query => expected'.`,
      'Write e.g. --validate \'db2: SELECT COUNT(*) FROM dbo.orders => 42\', or {"database":…,"query":…,"expect":…}.',
    );
  };
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text) as Validation;
    } catch {
      return refuse();
    }
  }
  const match = /^\s*([^:]+?)\s*:\s*(.+?)\s*=>\s*((?:(?!=>).)*?)\s*$/s.exec(text);
  const [, database, query, expected] = match ?? [];
  if (database === undefined || query === undefined || expected === undefined) return refuse();
  return { database, query, expect: parseExpected(expected) };
}

/** 42 is a number, null is NULL; "42", 007 and anything else is text. */
function parseExpected(text: string): Validation['expect'] {
  if (text === 'null') return null;
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return Number(text);
  return /^"[^"]*"$/.test(text) ? text.slice(1, -1) : text;
}
