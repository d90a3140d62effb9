/** A workflow as its user sees it: named steps in order, each with what it found. */
export interface Progress {
  readonly title: string;
  readonly steps: readonly Step[];
  /** Facts worth a line of their own: target time, plan, decision. */
  readonly facts: Readonly<Record<string, string>>;
  /** One line for each database of a restore. */
  readonly databases: readonly DatabaseLine[];
}

export interface Step {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'skipped';
  readonly detail: string;
  /** ISO 8601, empty while waiting. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

export interface DatabaseLine {
  readonly name: string;
  readonly state: string;
  readonly done: number;
  readonly of: number;
}

const marks: Record<Step['state'], string> = { waiting: '○', running: '▶', done: '✔', failed: '✘', skipped: '–' };

/** Temporal keeps 20 kB of details; what is longer would be lost whole. */
const mostBytes = 19_000;

/** The Markdown that the Temporal UI shows as current details. */
export function renderProgress(progress: Progress): string {
  const facts = Object.entries(progress.facts).map(([name, value]) => `**${name}** ${cell(value)}`);
  const steps = progress.steps.map(
    (step) => `| ${marks[step.state]} | ${cell(step.name)} | ${cell(step.detail)} | ${seconds(step)} |`,
  );
  const head = [
    `### ${progress.title}`,
    ...(facts.length > 0 ? ['', facts.join(' · ')] : []),
    '',
    '| | step | what | time |',
    '|---|---|---|---:|',
    ...steps,
  ];
  return [...head, ...renderDatabases(progress.databases, mostBytes - bytesOf(head.join('\n')))].join('\n');
}

/** Unfinished databases first: they are what is watched. */
function renderDatabases(lines: readonly DatabaseLine[], room: number): string[] {
  if (lines.length === 0) return [];
  const isDone = (line: DatabaseLine): boolean => line.done >= line.of;
  const ordered = [...lines.filter((line) => !isDone(line)), ...lines.filter(isDone)];
  const rows = ['', '| database | state | backups applied |', '|---|---|---|'];
  let bytes = bytesOf(rows.join('\n'));
  for (const [index, line] of ordered.entries()) {
    const row = `| ${cell(line.name)} | ${cell(line.state)} | ${bar(line.done, line.of)} ${line.done} of ${line.of} |`;
    bytes += bytesOf(row) + 1;
    if (bytes > room) {
      const rest = ordered.slice(index);
      return [...rows, `| … and ${rest.length} more | ${rest.filter(isDone).length} of them done | |`];
    }
    rows.push(row);
  }
  return rows;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function seconds(step: Step): string {
  if (step.startedAt === '' || step.finishedAt === '') return '';
  return `${((Date.parse(step.finishedAt) - Date.parse(step.startedAt)) / 1000).toFixed(1)} s`;
}

function bar(done: number, of: number): string {
  const width = 8;
  const full = of === 0 ? 0 : Math.round((done / of) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** A database may be called anything; in a table it must stay in its cell. */
function cell(text: string): string {
  return text.replace(/[\\|`*_<>[\]]/g, (c) => `\\${c}`).replace(/\s+/g, ' ');
}
