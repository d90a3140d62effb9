import { SqlError, type SqlMessage } from '../../contracts.ts';

export const raise = (number: number, severity: number, state: number, text: string, procedure?: string): SqlError =>
  new SqlError(messageOf(number, severity, state, text, procedure));

export function messageOf(
  number: number,
  severity: number,
  state: number,
  text: string,
  procedure?: string,
): SqlMessage {
  return { number, class: severity, state, text, ...(procedure === undefined ? {} : { procedure, line: 1 }) };
}

/** What a real server sends from a dynamic management view of the server to a caller without the right. */
export const serverStateDenied = (database: string): SqlError =>
  new SqlError(
    messageOf(
      300,
      14,
      1,
      `VIEW SERVER PERFORMANCE STATE permission was denied on object 'server', database '${database}'.`,
    ),
    messageOf(297, 16, 1, 'The user does not have permission to perform this action.'),
  );

export const databaseStateDenied = (database: string): SqlError =>
  new SqlError(
    messageOf(262, 14, 1, `VIEW DATABASE PERFORMANCE STATE permission denied in database '${database}'.`),
    messageOf(297, 16, 1, 'The user does not have permission to perform this action.'),
  );

export const notPermitted = (procedure: string): SqlError =>
  raise(15247, 16, 1, 'User does not have permission to perform this action.', procedure);
