/** How the command line was called, for hints that can be copied: `npx mssql-pitr` in the project, else `mssql-pitr`. */
export const commandName = process.env['npm_command'] === undefined ? 'mssql-pitr' : 'npx mssql-pitr';
