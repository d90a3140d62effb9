import { isMap, isScalar, isSeq, type Document, type LineCounter } from 'yaml';

/** A mistake in temporal.yaml, before it is known on which line it stands. */
export interface SettingsProblem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
}

export interface ConfigIssue {
  /** e.g. `instances.mssql-rt.port`; empty for the file as a whole. */
  readonly path: string;
  readonly line: number | null;
  readonly problem: string;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly file: string;
  readonly issues: readonly ConfigIssue[];

  constructor(file: string, issues: readonly ConfigIssue[]) {
    super(configErrorText(file, issues));
    this.file = file;
    this.issues = issues;
  }
}

function configErrorText(file: string, issues: readonly ConfigIssue[]): string {
  const [only] = issues;
  if (issues.length === 1 && only && only.line === null) return `${file} ${only.problem}`;
  const head = `${file} has ${issues.length === 1 ? 'a mistake' : `${issues.length} mistakes`}:`;
  const rows = issues.map(({ path, line, problem }) => `  line ${line ?? 1}: ${path ? `${path} ` : ''}${problem}`);
  return [head, ...rows].join('\n');
}

/** The line of the key (or list item) that a path leads to; of the innermost one that is there when it leads nowhere. */
export function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (!pair) break;
      offset = (pair.key as { range?: [number, number, number] }).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) break;
      offset = (item as { range?: [number, number, number] }).range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return lines.linePos(offset).line;
}
