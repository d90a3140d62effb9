/** Makes a target in a process of its own that dies on the way (0: never), or stays until it is killed. */
import type { Settings } from '../../workflows/domain/settings.ts';
import { dieAtCall } from '../executor/kill/die-at.ts';

const { settings, target, restoreId, dieAt, stay } = JSON.parse(process.argv[2]!) as {
  settings: Settings;
  target: string;
  restoreId: string;
  dieAt: number;
  stay: boolean;
};
const calls = await dieAtCall(dieAt);
const { createPlatform } = await import('../../activities/platform/index.ts');
const control = { signal: new AbortController().signal, progress: () => {} };
const { created } = await createPlatform(settings).createTarget(target, 'src', restoreId, control);
process.stdout.write(JSON.stringify({ calls: calls(), created }));
if (stay) setInterval(() => {}, 1000);
