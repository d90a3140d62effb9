import type { Finding } from '../../workflows/domain/finding.ts';
import { count } from '../../workflows/domain/words.ts';
import { plain } from './text.ts';

export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

const marks: Readonly<Record<Finding['level'], string>> = { ok: '✔', warn: '!', fail: '✘' };
const order: Readonly<Record<Finding['level'], number>> = { fail: 0, warn: 1, ok: 2 };

/** What has to be mended stands first. */
export function findingLines({ title, findings }: Section, width: number): string[] {
  const sorted = findings.toSorted((a, b) => order[a.level] - order[b.level]);
  return [
    title,
    ...sorted.flatMap((finding) => [
      ...wrapped(`${marks[finding.level]} ${plain(finding.what)}`, width, 2, 4),
      ...(finding.level === 'ok' ? [] : wrapped(`→ ${plain(finding.fix)}`, width, 4, 6)),
    ]),
  ];
}

export function verdict(sections: readonly Section[]): { readonly text: string; readonly failed: boolean } {
  const all = sections.flatMap(({ findings }) => findings);
  const of = (level: Finding['level']): number => all.filter((finding) => finding.level === level).length;
  const [fails, warns] = [of('fail'), of('warn')];
  if (fails + warns === 0) return { text: `All ${all.length} checks are right.`, failed: false };
  const parts = [
    ...(fails === 0 ? [] : [`${count(fails, 'check')} failed`]),
    ...(warns === 0 ? [] : [count(warns, 'warning')]),
    `${of('ok')} right`,
  ];
  return { text: `${parts.join(', ')}.`, failed: fails > 0 };
}

/** Breaks at spaces only: commands in it are to be copied. */
function wrapped(text: string, width: number, first: number, further: number): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(first);
  for (const word of text.split(' ')) {
    const room = line.trim() === '' ? '' : ' ';
    if (line.trim() !== '' && line.length + room.length + word.length > width) {
      lines.push(line);
      line = ' '.repeat(further) + word;
    } else line += room + word;
  }
  return [...lines, line];
}
