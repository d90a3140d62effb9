import { parseArgs } from 'node:util';
import { loadSettings } from '../client/config.ts';
import { readEnvironment } from './environment.ts';
import { writeJson } from './log.ts';
import { runWorker } from './run.ts';

try {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  const environment = readEnvironment(process.env);
  const settings = loadSettings({ path: values.config });
  await runWorker({ settings, environment, log: writeJson });
  writeJson({ time: new Date().toISOString(), level: 'INFO', message: 'worker stopped' });
} catch (error) {
  const stopped = error instanceof Error && error.name === 'AbortError';
  const message = stopped ? 'stopped while waiting for Temporal' : `worker failed: ${String((error as Error).message)}`;
  writeJson({ time: new Date().toISOString(), level: stopped ? 'INFO' : 'ERROR', message });
  process.exitCode = stopped ? 0 : 1;
}
