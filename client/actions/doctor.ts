import { ConfigError } from '../config-issues.ts';
import { configPath } from '../config.ts';
import { connectClient } from '../connect.ts';
import { instanceFindings } from '../doctor/instance.ts';
import { temporalFindings } from '../doctor/temporal.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { inLanes } from '../lanes.ts';
import { Problem } from '../problem.ts';
import { findingLines, verdict, type Section } from '../show/findings.ts';
import { openScreen, type Screen } from '../show/screen.ts';
import { fail, ok, type Finding } from '../../workflows/domain/finding.ts';
import type { Settings } from '../../workflows/domain/settings.ts';
import manifest from '../../package.json' with { type: 'json' };
import { settingsHere, taskQueueOf, type SessionOptions } from './session.ts';

const instancesAtOnce = 8;

/** Looks at everything; what stands in the way of a later look is itself a finding. */
export async function doctor(asked: readonly string[], options: SessionOptions): Promise<ExitCode> {
  const screen = openScreen(options.json ?? false);
  const sections: Section[] = [];
  const show = (title: string, findings: readonly Finding[]): void => {
    sections.push({ title, findings });
    for (const line of findingLines({ title, findings }, screen.width)) screen.print(line);
  };
  const settings = readSettings(options);
  show('Settings', settings.findings);
  await lookFurther(asked, settings.settings, { screen, show });

  const { text, failed } = verdict(sections);
  screen.print(text);
  screen.data({ ok: !failed, sections });
  return failed ? exitCodes.failed : exitCodes.ok;
}

interface Desk {
  readonly screen: Screen;
  readonly show: (title: string, findings: readonly Finding[]) => void;
}

async function lookFurther(asked: readonly string[], settings: Settings | null, { screen, show }: Desk): Promise<void> {
  const connected = await connectClient().catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    show('Temporal', [fail('temporal.server', error.message, error.hint)]);
    return null;
  });
  if (connected === null) return;
  const { client, address, namespace } = connected;
  try {
    const taskQueue = taskQueueOf(settings);
    const temporal = await temporalFindings({ client, address, namespace, taskQueue });
    show('Temporal', temporal);
    // Without a worker nobody looks, and the look would wait for one.
    if (temporal.some(({ check, level }) => check === 'temporal.worker' && level === 'fail')) return;

    const instances = asked.length > 0 ? asked : Object.keys(settings?.instances ?? {});
    if (instances.length > 1) screen.note(`Looking at ${instances.length} instances …`);
    const looked = await inLanes(instances, instancesAtOnce, async (instance) => ({
      instance,
      ...(await instanceFindings(client, { instance, taskQueue, version: manifest.version })),
    }));
    const clock = looked.find((each) => each.clock !== null)?.clock;
    if (clock) show('This machine', [clock]);
    for (const { instance, findings } of looked) show(instance, findings);
  } finally {
    await connected.close();
  }
}

function readSettings(options: SessionOptions): { settings: Settings | null; findings: readonly Finding[] } {
  const { path } = configPath({ path: options.config });
  try {
    const settings = settingsHere(options);
    if (settings === null) return { settings, findings: [ok('settings', `None here (${path}); the worker's hold`)] };
    const count = Object.keys(settings.instances).length;
    return { settings, findings: [ok('settings', `${path}: ${count} ${count === 1 ? 'instance' : 'instances'}`)] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { settings: null, findings: [fail('settings', error.message, 'Correct the file.')] };
  }
}
