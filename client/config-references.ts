import type { SettingsProblem } from './config-issues.ts';

/**
 * What only shows when several keys are seen together. Works on the file as it was read, so that these mistakes are reported
 * beside those of the shape and not only after they are mended.
 */
export function checkReferences(raw: unknown): SettingsProblem[] {
  const stores = Object.keys(section(raw, 'stores'));
  const instances = Object.entries(section(raw, 'instances'));
  const hosts = new Map<string, string>();
  const folders = new Map<string, string>();
  return instances.flatMap(([name, instance]) => {
    const at = (...path: string[]): string[] => ['instances', name, ...path];
    const problems: SettingsProblem[] = [];
    const store = value(instance, 'store');
    if (typeof store === 'string' && !stores.includes(store)) {
      const known = stores.length > 0 ? `declared are ${stores.join(', ')}` : 'none is declared';
      problems.push({
        path: at('store'),
        problem: `names ${JSON.stringify(store)}, which is not under stores; ${known}`,
      });
    }
    const address = addressOf(instance);
    const twin = address === null ? undefined : claim(hosts, address, name);
    if (twin) {
      const problem = `${address} is the address of ${twin} already; two instances cannot share it`;
      problems.push({ path: at('host'), problem });
    }
    const dataRoot = value(instance, 'dataRoot');
    const neighbour = typeof dataRoot === 'string' ? claim(folders, dataRoot, name) : undefined;
    if (neighbour) {
      problems.push({
        path: at('dataRoot'),
        problem: `is the folder of ${neighbour} already; each instance needs its own`,
      });
    }
    return [...problems, ...checkNewInstance(value(instance, 'newInstance'), at)];
  });
}

function checkNewInstance(settings: unknown, at: (...path: string[]) => string[]): SettingsProblem[] {
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

function addressOf(instance: unknown): string | null {
  const host = value(instance, 'host');
  const port = value(instance, 'port') ?? 1433;
  return typeof host === 'string' && typeof port === 'number' ? `${host}:${port}` : null;
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
