import type { InstanceSettings, Settings } from '../../workflows/domain/settings.ts';

export interface BannerFacts {
  readonly settings: Settings;
  readonly configPath: string;
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  /** True when the server was there before. */
  readonly foundServer: boolean;
  /** Instances of temporal.yaml that do not answer. */
  readonly silent: readonly string[];
  /** Environment variables that temporal.yaml refers to and that are not set. */
  readonly unset: readonly string[];
}

export function bannerText(facts: BannerFacts): string {
  const { settings, address, namespace, uiUrl, foundServer, configPath } = facts;
  const instances = Object.entries(settings.instances);
  const first = instances[0]?.[0] ?? 'mssql-rt';
  return [
    '',
    `  Temporal     ${address}, namespace ${namespace}${foundServer ? ' (was there already)' : ''}`,
    ...(uiUrl === null ? [] : [`  UI           ${uiUrl}/namespaces/${namespace}/workflows`]),
    `  settings     ${configPath}`,
    ...instances.map(([name, instance]) => {
      return `  SQL Server   ${name} at ${placeOf(instance)}${facts.silent.includes(name) ? ' (does not answer)' : ''}`;
    }),
    '',
    '  Try, in another terminal:',
    `    npx mssql-pitr backup ${first} --kind full`,
    `    npx mssql-pitr restore ${first} --target ${first}-2 --to latest --plan`,
    '    npx mssql-pitr status',
    '',
    ...advice(facts),
    '  Ctrl-C stops all of it; what is going on is taken up at the next start.',
    '',
  ].join('\n');
}

function placeOf(instance: InstanceSettings): string {
  return instance.platform === 'local'
    ? `${instance.host}:${instance.port}`
    : `${instance.namespace}/${instance.statefulSet} on Kubernetes`;
}

function advice({ settings, silent, unset, configPath }: BannerFacts): string[] {
  const lines: string[] = [];
  if (unset.length > 0)
    lines.push(`  ${unset.join(', ')} is not set: logging in to SQL Server will fail. Set it and start again.`, '');
  if (silent.length > 0 && silent.length === Object.keys(settings.instances).length) {
    lines.push(
      '  No SQL Server answers. Runs will wait for it. To use one of your own, set host, port, login and dataRoot of an',
      `  instance in ${configPath}; the comment at its top shows how to start one with Docker.`,
      '',
    );
  }
  return lines;
}
