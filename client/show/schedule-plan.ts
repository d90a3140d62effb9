import type { ScheduleChange } from '../../workflows/domain/schedule-changes.ts';
import { shapeTexts } from '../../workflows/domain/schedule-desired.ts';
import type { ScheduleShape } from '../../workflows/domain/schedule.ts';
import type { Screen } from './screen.ts';
import { table } from './table.ts';

const words = {
  planned: { create: 'to create', change: 'to change', remove: 'to remove', keep: 'unchanged', blocked: 'blocked' },
  done: { create: 'created', change: 'changed', remove: 'removed', keep: 'unchanged', blocked: 'blocked' },
} as const;

const marks = { create: '+', change: '~', remove: '-', keep: ' ', blocked: '!' } as const;

export function showChanges(screen: Screen, changes: readonly ScheduleChange[], tense: keyof typeof words): void {
  const rows = changes.flatMap(changeRows);
  if (rows.length > 0) screen.print(table(['', 'schedule', 'what', 'is', 'is declared'], rows, screen.width));
  const counts = Object.entries(words[tense]).map(([action, word]) => {
    return [changes.filter((each) => each.action === action).length, word] as const;
  });
  const said = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  screen.print(`Schedules: ${said.join(', ') || 'none is declared, and none is there'}`);
}

function changeRows(change: ScheduleChange): string[][] {
  const { action, id } = change;
  const mark = marks[action];
  switch (action) {
    case 'create':
      return [[mark, id, 'create', '', shortText(change.desired)]];
    case 'remove':
      return [[mark, id, 'remove', `${shortText(change.found)}${pausedText(change.found)}`, '']];
    case 'blocked':
      return [[mark, id, 'not ours', change.why, 'left alone']];
    case 'change':
      return change.fields.map(({ field, from, to }, i) => [
        i === 0 ? mark : '',
        i === 0 ? `${id}${change.byHand ? ' (changed by hand)' : ''}${pausedText(change.found)}` : '',
        field,
        from || 'none',
        to || 'none',
      ]);
    case 'keep':
      return [];
  }
}

function shortText(shape: ScheduleShape): string {
  const texts = shapeTexts(shape);
  const { when, jitter, overlap } = texts;
  const zone = texts['time zone'] ? ` ${texts['time zone']}` : '';
  return `${when}${zone}, jitter ${jitter}, ${overlap}, catch-up ${texts['catch-up']}`;
}

function pausedText({ paused, note }: { readonly paused: boolean; readonly note: string }): string {
  return paused ? ` (paused${note ? `: ${note}` : ''})` : '';
}

/** For programs: texts by field, and no more of the shape than was compared. */
export function changeData(change: ScheduleChange): object {
  const { action, id } = change;
  switch (action) {
    case 'create':
      return { action, id, declared: shapeTexts(change.desired) };
    case 'change':
      return { action, id, byHand: change.byHand, fields: change.fields, paused: change.found.paused };
    case 'remove':
      return { action, id, found: shapeTexts(change.found), paused: change.found.paused };
    case 'blocked':
      return { action, id, why: change.why };
    case 'keep':
      return { action, id, paused: change.found.paused };
  }
}
