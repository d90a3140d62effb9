import { nvarchar, sysname } from '../function.ts';
import { heldDatabasePermissions, heldServerPermissions } from '../permission-query.ts';
import { textArg } from '../values.ts';
import { view } from '../view.ts';
import { databaseNamed } from './selection.ts';

export const permissionViews = [
  view({
    name: 'sys.fn_my_permissions',
    parameters: [
      { name: 'securable', type: nvarchar(776), optional: true },
      { name: 'securable_class', type: sysname, optional: true },
    ],
    columns: "entity_name nvarchar(128), subentity_name nvarchar(128) = '', permission_name nvarchar(60)",
    *rows(context, [securable, securableClass]) {
      const kind = (textArg(securableClass) ?? 'SERVER').toUpperCase();
      if (kind === 'SERVER') {
        for (const name of heldServerPermissions(context)) yield { entity_name: 'server', permission_name: name };
      }
      if (kind === 'DATABASE') {
        const database = databaseNamed(context, securable);
        if (database === undefined) return;
        for (const name of heldDatabasePermissions(context, database)) {
          yield { entity_name: 'database', permission_name: name };
        }
      }
    },
  }),
];
