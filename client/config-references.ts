import { checkGroups } from './config-groups.ts';
import type { SettingsProblem } from './config-issues.ts';

/**
 * What only shows when several keys are seen together. Works on the file as it was read, so that these mistakes are reported
 * beside those of the shape and not only after they are mended.
 */
export function checkReferences(raw: unknown): SettingsProblem[] {
  const declared = section(raw, 'stores');
  const stores = Object.keys(declared);
  const instances = Object.entries(section(raw, 'instances'));
  const servers = new Map<string, string>();
  const folders = new Map<string, string>();
  const groups = checkGroups(
    section(raw, 'groups'),
    instances.map(([name]) => name),
  );
  const found = instances.flatMap(([name, instance]) => {
    const at: At = (...path) => ['instances', name, ...path];
    const problems: SettingsProblem[] = [];
    const store = value(instance, 'store');
    if (typeof store === 'string' && !stores.includes(store)) {
      const known = stores.length > 0 ? `declared are ${stores.join(', ')}` : 'none is declared';
      problems.push({
        path: at('store'),
        problem: `names ${JSON.stringify(store)}, which is not under stores; ${known}`,
      });
    }
    const server = serverOf(name, instance);
    const twin = server === null ? undefined : claim(servers, server.text, name);
    if (server !== null && twin) {
      const problem = `${server.text} is the ${server.what} of ${twin} already; two instances cannot share it`;
      problems.push({ path: at(server.key), problem });
    }
    const dataRoot = value(instance, 'dataRoot');
    const neighbour = typeof dataRoot === 'string' ? claim(folders, dataRoot, name) : undefined;
    if (neighbour) {
      problems.push({
        path: at('dataRoot'),
        problem: `is the folder of ${neighbour} already; each instance needs its own`,
      });
    }
    return [
      ...problems,
      ...checkPlatform(instances[0], instance, at),
      ...checkStore(value(declared, String(store)), instance, at),
      ...checkNewInstance(value(instance, 'newInstance'), at),
    ];
  });
  return [...found, ...groups];
}

function checkPlatform(first: [string, unknown] | undefined, instance: unknown, at: At): SettingsProblem[] {
  const platform = platformOf(instance);
  if (first === undefined || !['local', 'kubernetes'].includes(platform) || platform === platformOf(first[1]))
    return [];
  const problem = `is ${platform}, and ${first[0]} is ${platformOf(first[1])}: a worker works on one platform`;
  return [{ path: at('platform'), problem }];
}

/** A pod mounts claims of its own namespace only. */
function checkStore(store: unknown, instance: unknown, at: At): SettingsProblem[] {
  if (store === undefined) return [];
  const name = JSON.stringify(value(instance, 'store'));
  if (platformOf(store) !== platformOf(instance)) {
    return [{ path: at('store'), problem: `names ${name}, which is on the platform ${platformOf(store)}` }];
  }
  const [its, ours] = [value(store, 'namespace'), value(instance, 'namespace')];
  if (its === ours) return [];
  const problem = `names ${name}, whose claim is in the namespace ${JSON.stringify(its)}: no pod can mount it beside this instance`;
  return [{ path: at('store'), problem }];
}

function platformOf(section: unknown): string {
  const platform = value(section, 'platform') ?? 'local';
  return typeof platform === 'string' ? platform : JSON.stringify(platform);
}

type At = (...path: string[]) => string[];

function checkNewInstance(settings: unknown, at: At): SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const dataRoot = value(settings, 'dataRoot');
  if (typeof dataRoot === 'string' && !dataRoot.includes('{name}')) {
    problems.push({
      path: at('newInstance', 'dataRoot'),
      problem: 'has no {name}: all new instances would share one folder',
    });
  }
  const command = value(settings, 'command');
  if (Array.isArray(command)) {
    const words = command.join(' ');
    for (const [placeholder, reason] of [
      ['{port}', 'nobody would know where the new server listens'],
      ['{dataRoot}', 'the new server would not see the backup files'],
    ] as const) {
      if (!words.includes(placeholder))
        problems.push({ path: at('newInstance', 'command'), problem: `has no ${placeholder}: ${reason}` });
    }
  }
  return problems;
}

interface Server {
  readonly key: string;
  readonly what: string;
  readonly text: string;
}

/** Which server it is, whatever it is called. */
function serverOf(name: string, instance: unknown): Server | null {
  if (platformOf(instance) === 'kubernetes') {
    const namespace = value(instance, 'namespace');
    const statefulSet = value(instance, 'statefulSet') ?? `${name}-mssql-helm-db`;
    const known = typeof namespace === 'string' && typeof statefulSet === 'string';
    return known ? { key: 'statefulSet', what: 'StatefulSet', text: `${namespace}/${statefulSet}` } : null;
  }
  const host = value(instance, 'host');
  const port = value(instance, 'port') ?? 1433;
  const known = typeof host === 'string' && typeof port === 'number';
  return known ? { key: 'host', what: 'address', text: `${host}:${port}` } : null;
}

/** @returns who has the value already */
function claim(taken: Map<string, string>, key: string, by: string): string | undefined {
  const before = taken.get(key);
  if (before === undefined) taken.set(key, by);
  return before;
}

function section(raw: unknown, key: string): Record<string, unknown> {
  const found = value(raw, key);
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}

function value(raw: unknown, key: string): unknown {
  return typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[key] : undefined;
}
