import type { ProcedureContext } from '../contract.ts';
import { messageOf } from '../errors.ts';
import { procedure, sendRows, type Arguments } from '../procedure.ts';

/** The values of a registry that tools ask for; SQL Server on Linux answers the folders from its configuration. */
function registryValue(context: ProcedureContext, name: string): string | number | null {
  const { instance } = context;
  switch (name.toLowerCase()) {
    case 'backupdirectory':
      return instance.defaultBackupPath;
    case 'defaultdata':
      return instance.defaultDataPath;
    case 'defaultlog':
      return instance.defaultLogPath;
    case 'loginmode':
      return 2;
    default:
      return null;
  }
}

async function read(context: ProcedureContext, args: Arguments, procedureName: string): Promise<number> {
  const name = args.text('@value_name') ?? '';
  const value = registryValue(context, name);
  if (args.has('@value')) {
    context.setOutput('@value', value === null ? null : String(value));
    return 0;
  }
  if (value !== null) {
    await sendRows(context, 'Value nvarchar(260), Data nvarchar(4000) null', [{ Value: name, Data: String(value) }]);
    return 0;
  }
  if (args.text('@no_output')?.toLowerCase() !== 'no_output') {
    context.message(
      messageOf(
        22001,
        0,
        1,
        "RegQueryValueEx() returned error 2, 'The system cannot find the file specified.'",
        procedureName,
      ),
    );
  }
  return 1;
}

const parameters = `@rootkey nvarchar(100), @key nvarchar(4000), @value_name nvarchar(260) ?, @value nvarchar(4000) output,
  @no_output nvarchar(20) ?`;

export const registryProcedures = ['xp_instance_regread', 'xp_regread'].map((name) =>
  procedure({ name, parameters, run: (context, args) => read(context, args, name) }),
);
