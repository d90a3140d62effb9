import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../build-context.ts';

export const monitoring = join(projectRoot, 'deploy', 'charts', 'mssql-pitr', 'monitoring');
export const rulesFile = join(monitoring, 'rules.yaml');
export const dashboardFile = join(monitoring, 'dashboard.json');

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly expr: string; readonly record?: string; readonly alert?: string }[];
  }[];
}

export const dashboard = JSON.parse(readFileSync(dashboardFile, 'utf8')) as Dashboard;
export const rules = parse(readFileSync(rulesFile, 'utf8')) as Rules;

/** Queries of all panels, as Prometheus gets them. */
export function queries(): { readonly title: string; readonly expr: string }[] {
  return dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$sql_instance', '.*'),
    })),
  );
}

/** Metrics that rules and dashboard read; not those that the rules record. */
export function metricsRead(): Set<string> {
  const texts = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...queries().map(({ expr }) => expr),
    ...dashboard.templating.list.map(({ query }) => query),
  ];
  return new Set(texts.flatMap((text) => text.match(/\b(?:mssql_pitr|temporal)_\w+(?!:)\b/g) ?? []));
}
