import { loggedMessages, messages } from '../catalog/messages.ts';
import { view } from '../view.ts';

export const messageViews = [
  view({
    name: 'sys.messages',
    columns: `
      message_id int, language_id smallint = 1033, severity tinyint null, is_event_logged bit, text nvarchar(2048)`,
    *rows() {
      for (const [id, severity, text] of messages) {
        yield { message_id: id, severity, is_event_logged: loggedMessages.has(id), text };
      }
    },
  }),
  view({
    name: 'dbo.spt_values',
    onlyIn: 'master',
    // Only the numbers of type P, which people use as a table of integers.
    columns: `
      name nvarchar(35) null, number int, type nchar(3), low int null, high int null, status int null = 0`,
    *rows() {
      for (let number = 0; number < 2048; number++) {
        yield { number, type: 'P', low: Math.floor(number / 8) + 1, high: 1 << (number % 8) };
      }
    },
  }),
];
