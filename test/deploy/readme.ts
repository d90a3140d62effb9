import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from './build-context.ts';

const readme = await readFile(join(projectRoot, 'deploy', 'README.md'), 'utf8');

/** The values file that the instructions show. */
export function pitrValues(): object {
  const [, text] = /```yaml\n# pitr-values\.yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  if (text === undefined) throw new Error('deploy/README.md shows no pitr-values.yaml');
  return parse(text) as object;
}

export interface DocumentedValue {
  readonly key: string;
  /** As it stands in the table; null where it refers to values.yaml. */
  readonly default: string | null;
}

/** Rows of the table below `## Values of <chart>`. */
export function documentedValues(chart: string): readonly DocumentedValue[] {
  const section = readme.split(`## Values of ${chart}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `(\S+)` +\| (?:`(.*?)`|see values\.yaml) +\|/gm)].map(([, key = '', text]) => ({
    key,
    default: text ?? null,
  }));
}
