import { int, scalar, sysname, nvarchar } from '../function.ts';
import { hasPermission } from '../permission-query.ts';
import { textArg } from '../values.ts';

export const permissionFunctions = [
  scalar(
    'HAS_PERMS_BY_NAME',
    {
      securable: nvarchar(776),
      securable_class: sysname,
      permission: sysname,
      'sub_securable?': sysname,
      'sub_securable_class?': sysname,
    },
    int,
    (context, [securable, securableClass, permission]) => {
      const name = textArg(permission);
      return name === undefined ? null : hasPermission(context, textArg(securable), textArg(securableClass), name);
    },
  ),
];
