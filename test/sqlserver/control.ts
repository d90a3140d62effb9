import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { addBallast, damageExtent, fillLog, touchBallast } from './engine/ballast.ts';
import type { EngineDatabase } from './engine/database.ts';
import { HOLD_POINTS } from './engine/faults.ts';
import type { FileFault, Hold } from './engine/faults.ts';
import type { EngineInstance } from './engine/instance.ts';

/** The HTTP port through which tests set faults, speeds and holds. Nothing of it can be seen through SQL. */
export interface ControlPort {
  readonly port: number;
  close(): Promise<void>;
}

const holdBody = z.strictObject({
  at: z.enum(HOLD_POINTS),
  database: z.string().optional(),
  atPercent: z.number().min(0).max(100).optional(),
});
const rate = z.number().positive().nullable().optional();
const throttleBody = z.strictObject({ backup: rate, restore: rate, log: rate });
const faultBody = z.strictObject({
  kind: z.enum(['full', 'torn', 'corrupt']),
  prefix: z.string(),
  afterBytes: z.number().int().nonnegative(),
});
const ballastBody = z.strictObject({ megabytes: z.number().int().positive() });
const damageBody = z.strictObject({ extent: z.number().int().nonnegative() });
const clockBody = z.strictObject({ offsetMs: z.number() });

class HttpProblem extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Call {
  readonly instance: EngineInstance;
  readonly parts: readonly string[];
  /** Parsed by the schema; @throws HttpProblem 400 */
  body<T>(schema: z.ZodType<T>): Promise<T>;
}

type Handler = (call: Call) => unknown;

const shownHold = ({ id, at, database, atPercent, reachedBy }: Hold) => ({ id, at, database, atPercent, reachedBy });
const shownFault = ({ id, kind, prefix, afterBytes }: FileFault) => ({ id, kind, prefix, afterBytes });

function databaseOf({ instance, parts }: Call): EngineDatabase {
  const database = instance.database(parts[1] ?? '');
  if (database === undefined) throw new HttpProblem(404, `no database ${parts[1]}`);
  return database;
}

function holdOf({ instance, parts }: Call): Hold {
  const hold = instance.faults.hold(parts[1] ?? '');
  if (hold === undefined) throw new HttpProblem(404, `no hold ${parts[1]}`);
  return hold;
}

function databaseState(database: EngineDatabase) {
  const { name, id, state, recoveryModel, isInStandby, boot, recovery, files } = database;
  const readable = state === 'ONLINE' && !isInStandby && boot !== undefined;
  const log = readable ? database.logStats() : undefined;
  return {
    name,
    id,
    state,
    recoveryModel,
    isInStandby,
    recovery,
    files,
    ballastMegabytes: boot?.ballast.count ?? 0,
    loaded: boot !== undefined && database.storage.loaded,
    log,
    restore: boot?.restore,
  };
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET state': ({ instance }) => ({
    serverName: instance.serverName,
    now: instance.clock.now(),
    timeZone: instance.clock.timeZone,
    databases: [...instance.databases()].map(databaseState),
  }),

  'POST holds': async (call) => shownHold(call.instance.faults.addHold(await call.body(holdBody))),
  'GET holds': ({ instance }) => instance.faults.holds.map(shownHold),
  'GET holds/*': (call) => shownHold(holdOf(call)),
  'GET holds/*/reached': async (call) => {
    const hold = holdOf(call);
    await hold.reached;
    return shownHold(hold);
  },
  'DELETE holds/*': (call) => {
    const hold = holdOf(call);
    call.instance.faults.release(hold.id);
    return shownHold(hold);
  },

  'GET throttle': ({ instance }) => instance.faults.rates,
  'POST throttle': async (call) => {
    const { faults } = call.instance;
    const { backup, restore, log } = await call.body(throttleBody);
    if (backup !== undefined) faults.setRate('backup', backup ?? undefined);
    if (restore !== undefined) faults.setRate('restore', restore ?? undefined);
    if (log !== undefined) faults.setRate('log', log ?? undefined);
    return faults.rates;
  },

  'GET faults': ({ instance }) => instance.faults.files.map(shownFault),
  'POST faults': async (call) => shownFault(call.instance.faults.addFile(await call.body(faultBody))),
  'DELETE faults/*': ({ instance, parts }) => {
    if (!instance.faults.removeFile(parts[1] ?? '')) throw new HttpProblem(404, `no fault ${parts[1]}`);
    return {};
  },

  'POST databases/*/ballast': async (call) => {
    const { megabytes } = await call.body(ballastBody);
    await addBallast(databaseOf(call), megabytes);
    return databaseState(databaseOf(call));
  },
  'POST databases/*/ballast/touch': async (call) => {
    const { megabytes } = await call.body(ballastBody);
    return { touched: await touchBallast(databaseOf(call), megabytes) };
  },
  'POST databases/*/ballast/log': async (call) => {
    const { megabytes } = await call.body(ballastBody);
    await fillLog(databaseOf(call), megabytes);
    return databaseState(databaseOf(call));
  },

  'POST databases/*/damage': async (call) => {
    const { extent } = await call.body(damageBody);
    const database = databaseOf(call);
    if (extent >= database.storage.boot.ballast.count) throw new HttpProblem(400, `no ballast extent ${extent}`);
    damageExtent(database, extent);
    return { damaged: extent };
  },

  'POST clock': async (call) => {
    const { offsetMs } = await call.body(clockBody);
    call.instance.clock.skewMs = offsetMs;
    return { offsetMs, now: call.instance.clock.now() };
  },
};

/** `holds/<id>/reached` and the like: the second part is a name wherever there is one. */
function routeOf(method: string, parts: readonly string[]): string {
  return `${method} ${parts.map((part, i) => (i === 1 ? '*' : part)).join('/')}`;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function parsed<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse((await readText(request)) || '{}');
  } catch (error) {
    throw new HttpProblem(400, String(error));
  }
  const result = schema.safeParse(value);
  if (!result.success) throw new HttpProblem(400, z.prettifyError(result.error));
  return result.data;
}

function send(response: ServerResponse, status: number, value: unknown): void {
  // bigints (LSNs, ticks) travel as decimal text: a number would lose digits.
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${text}\n`);
}

async function answer(instance: EngineInstance, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://control');
  const parts = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  try {
    const handler = HANDLERS[routeOf(request.method ?? 'GET', parts)];
    if (handler === undefined) throw new HttpProblem(404, `no ${request.method} ${pathname}`);
    send(response, 200, await handler({ instance, parts, body: (schema) => parsed(request, schema) }));
  } catch (error) {
    const status = error instanceof HttpProblem ? error.status : 500;
    send(response, status, { error: error instanceof Error ? error.message : String(error) });
  }
}

export async function startControl(instance: EngineInstance, port: number): Promise<ControlPort> {
  const server = createServer((request, response) => void answer(instance, request, response));
  server.listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
