import { findByName } from '../catalog/lookup.ts';
import { isOpen } from '../catalog/states.ts';
import { raise } from '../errors.ts';
import { procedure, sendRows } from '../procedure.ts';
import { productVersion } from '../version.ts';
import os from 'node:os';

export const sessionProcedures = [
  procedure({
    name: 'sp_set_session_context',
    parameters: '@key sysname, @value sql_variant, @read_only bit ?',
    async run(context, args) {
      const key = args.text('@key') ?? '';
      const known = context.session.sessionContext.get(key);
      if (known?.readOnly === true) {
        throw raise(
          15664,
          16,
          1,
          `Cannot set key '${key}' in the session context. The key has been set as read_only for this session.`,
          'sp_set_session_context',
        );
      }
      context.session.sessionContext.set(key, {
        value: args.value('@value'),
        readOnly: args.value('@read_only') === true,
      });
    },
  }),
  procedure({
    name: 'sp_helptext',
    parameters: '@objname nvarchar(776), @columnname sysname ?',
    async run(context, args) {
      const name = args.text('@objname') ?? '';
      const definition = findByName(context, name)?.object?.definition;
      if (definition === undefined) {
        throw raise(
          15009,
          16,
          1,
          `The object '${name}' does not exist in database '${context.database.name}' or is invalid for this operation.`,
          'sp_helptext',
        );
      }
      const lines = definition.split(/(?<=\n)/).flatMap((line) => line.match(/[^]{1,255}/g) ?? []);
      await sendRows(
        context,
        'Text nvarchar(255) null',
        lines.map((line) => ({ Text: line })),
      );
    },
  }),
  procedure({
    name: 'sp_MSforeachdb',
    parameters: '@command1 nvarchar(2000), @replacechar nchar(1) ?',
    async run(context, args) {
      const mark = args.text('@replacechar') ?? '?';
      for (const database of [...context.instance.databases()]) {
        if (!isOpen(database) || !context.permissions.mayEnter(database)) continue;
        await context.execute((args.text('@command1') ?? '').replaceAll(mark, database.name));
      }
    },
  }),
  procedure({
    name: 'xp_msver',
    parameters: '@optname nvarchar(100) ?',
    async run(context, args) {
      const [major, minor, build] = context.instance.version;
      const { text, year } = productVersion(context.instance);
      const memory = Math.floor(os.totalmem() / 1_048_576);
      const rows: readonly (readonly [string, number | null, string | null])[] = [
        ['ProductName', null, 'Microsoft SQL Server'],
        ['ProductVersion', (major << 16) | minor, text],
        ['Language', 1033, 'English (United States)'],
        ['Platform', null, 'NT x64'],
        ['Comments', null, 'SQL'],
        ['CompanyName', null, 'Microsoft Corporation'],
        ['FileDescription', null, 'SQL Server Windows NT - 64 Bit'],
        ['FileVersion', null, `${year}.0${major}0.${build}.02 ((SQLServer${year}-CU))`],
        ['InternalName', null, 'SQLSERVR'],
        ['LegalCopyright', null, 'Microsoft. All rights reserved.'],
        ['LegalTrademarks', null, 'Microsoft SQL Server is a registered trademark of Microsoft Corporation.'],
        ['OriginalFilename', null, 'SQLSERVR.EXE'],
        ['PrivateBuild', null, null],
        ['SpecialBuild', build << 16, null],
        ['WindowsVersion', 0, '6.2 (9200)'],
        ['ProcessorCount', os.cpus().length, String(os.cpus().length)],
        ['ProcessorActiveMask', null, ((1n << BigInt(os.cpus().length)) - 1n).toString(16).padStart(16)],
        ['ProcessorType', 8664, null],
        ['PhysicalMemory', memory, `${memory} (${os.totalmem()})`],
        ['Product ID', null, null],
      ];
      const wanted = args.text('@optname')?.toLowerCase();
      await sendRows(
        context,
        'Index smallint, Name nvarchar(128), Internal_Value int null, Character_Value nvarchar(4000) null',
        rows.flatMap(([name, internal, character], i) =>
          wanted === undefined || name.toLowerCase() === wanted
            ? [{ Index: i + 1, Name: name, Internal_Value: internal, Character_Value: character }]
            : [],
        ),
      );
    },
  }),
];
