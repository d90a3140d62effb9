import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { root } from '../../house/import-graph.ts';
import { hold, type Hold } from '../../support/holds.ts';
import { backUp, startBackup, type BackupHandle } from '../../support/runs.ts';
import { startSqlServer } from '../../support/sqlserver.ts';
import { startStack, type Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import { openWorkload } from '../../support/workload.ts';
import { bash, openShell, type Ended } from './shell.ts';

/** A stack in which the examples make sense, and a shell beside it. */
export interface Place {
  readonly stack: Stack;
  /** A moment inside the window of all databases, as YYYY-MM-DDTHH:MM:SSZ. */
  readonly moment: string;
  /** Types it into bash, and waits for the run that it started. */
  type(command: string): Promise<Ended>;
  /** The id of a run that stands still until the next command has found it. */
  runningId(): Promise<string>;
  stop(): Promise<void>;
}

interface Standing {
  readonly run: BackupHandle;
  readonly hold: Hold;
}

export async function openPlace(): Promise<Place> {
  const stack = await startStack();
  const other = join(stack.folder, 'mssql-hr');
  await mkdir(other);
  const second = await startSqlServer({ dataRoot: other, serverName: 'mssql-hr', password: stack.password });
  const stop = async (): Promise<void> => {
    await second.stop();
    await stack.stop();
  };
  try {
    await declare(stack, second.port, other);
    const moment = await live(stack);
    const env = await openShell(stack);
    let standing: Standing | null = null;
    return {
      stack,
      moment,
      stop,
      async type(command) {
        const stands = standing;
        standing = null;
        const typed = await bash(command, { cwd: stack.folder, env, onWord: () => stands?.hold.release() });
        await stands?.run.result().catch(() => undefined);
        const [, id] = /(?:^\s*WorkflowId\s+|"workflowId": ?")([^\s"]+)/m.exec(typed.stdout) ?? [];
        if (typed.code === 0 && id !== undefined) await stack.client.workflow.getHandle(id).result();
        return typed;
      },
      async runningId() {
        const stands = await hold(stack.source.control, { at: 'backup-log' });
        const run = await startBackup(stack, { kind: 'log' });
        await stands.reached();
        standing = { run, hold: stands };
        return run.workflowId;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As the project's temporal.yaml says, and a second instance. */
async function declare(stack: Stack, port: number, dataRoot: string): Promise<void> {
  interface File {
    retention?: object;
    instances: { 'mssql-rt': { schedules?: object }; 'mssql-hr'?: object };
  }
  const file = parse(await readFile(stack.configPath, 'utf8')) as File;
  const ours = parse(await readFile(join(root, 'temporal.yaml'), 'utf8')) as Required<File>;
  const source = file.instances['mssql-rt'];
  file.retention = ours.retention;
  file.instances['mssql-hr'] = { ...source, port, dataRoot, newInstance: undefined };
  source.schedules = ours.instances['mssql-rt'].schedules ?? {};
  await writeFile(stack.configPath, stringify(file));
  await stack.worker.kill();
  await stack.replaceWorker();
}

/** Backups of another tool, then a full, and logs on both sides of a moment. */
async function live(stack: Stack): Promise<string> {
  const source = await openWorkload(stack.source.port, stack.password);
  try {
    const databases = ['db1', 'db2', 'db3'];
    const write = async (note: string): Promise<void> => {
      for (const database of databases) await source.write(database, note);
    };
    for (const database of databases) await source.create(database);
    await source.query('CREATE TABLE db2.dbo.orders (id int PRIMARY KEY)');
    for (let id = 1; id <= 42; id += 1) await source.query(`INSERT INTO db2.dbo.orders (id) VALUES (${id})`);
    await mkdir(join(stack.sourceFolder, 'old-backups'));
    await source.query("BACKUP DATABASE db1 TO DISK = N'/var/opt/mssql/old-backups/db1.bak' WITH CHECKSUM");
    await source.query("BACKUP LOG db1 TO DISK = N'/var/opt/mssql/old-backups/db1.trn' WITH CHECKSUM");
    await write('seed');
    await backUp(stack, 'full');
    await backUp(stack, 'log');
    await write('before');
    const moment = Date.parse(await source.now()) + 1_000;
    // Headers of backups carry whole seconds.
    await until('two seconds', async () => Date.parse(await source.now()) > moment + 2_000);
    await write('after');
    await backUp(stack, 'log');
    return new Date(moment).toISOString().replace(/\.\d+/, '');
  } finally {
    await source.close();
  }
}
