import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Mount } from './engine/files/paths.ts';
import { startControl } from './control.ts';
import { openInstance } from './engine/instance.ts';
import { SessionManager } from './exec/session/manager.ts';
import { listen } from './tds/server.ts';

const USAGE = `node test/sqlserver/main.ts --data-root DIR [--port N] [--host ADDRESS] [--control-port N]
  [--server-name NAME] [--time-zone Asia/Bangkok] [--mount /backup-store=DIR]…

A simulated SQL Server 2022. DIR stands for /var/opt/mssql; --mount makes more paths exist. The password of sa comes
from MSSQL_SA_PASSWORD at the first start. Prints {"ready":true,"port":…,"controlPort":…} when it takes logins.
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      'data-root': { type: 'string' },
      port: { type: 'string', default: '1433' },
      host: { type: 'string', default: '127.0.0.1' },
      'control-port': { type: 'string' },
      'server-name': { type: 'string' },
      'time-zone': { type: 'string' },
      mount: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

function mountOf(text: string): Mount {
  const at = text.indexOf('=');
  const [path, target] = [text.slice(0, at), text.slice(at + 1)];
  if (at < 1 || !path.startsWith('/') || !existsSync(target)) throw new Error(`--mount ${text}: /path=existing folder`);
  return { path, target };
}

const options = readOptions();
const dataRoot = options['data-root'];
if (options.help || dataRoot === undefined) {
  process.stderr.write(USAGE);
  process.exit(options.help ? 0 : 2);
}

const { MSSQL_SA_PASSWORD: saPassword } = process.env;
const instance = await openInstance({
  dataRoot,
  mounts: options.mount.map(mountOf),
  ...(options['server-name'] === undefined ? {} : { serverName: options['server-name'] }),
  ...(options['time-zone'] === undefined ? {} : { timeZone: options['time-zone'] }),
  ...(saPassword === undefined ? {} : { saPassword }),
});
const sessions = new SessionManager(instance);
const log = (line: string): void => instance.errorLog.write('Server', line);
const listener = await listen({ port: Number(options.port), host: options.host, server: sessions, log });
const controlPort = options['control-port'];
const control = controlPort === undefined ? undefined : await startControl(instance, Number(controlPort));

log('SQL Server is now ready for client connections. This is an informational message; no user action is required.');
process.stdout.write(`${JSON.stringify({ ready: true, port: listener.port, controlPort: control?.port })}\n`);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  log(
    'SQL Server is terminating because of a system shutdown. This is an informational message only. No user action is required.',
  );
  await control?.close();
  await listener.close();
  await instance.close();
  process.exit(0);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    stop().catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    });
  });
}
