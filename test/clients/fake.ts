import type { ResultSink } from '../sqlserver/contracts.ts';
import { SqlError } from '../sqlserver/contracts.ts';
import { PASSWORD, fakeInstance } from '../sqlserver/tds/testing/fake-server.ts';

import type { RunningServer } from './support.ts';

/** Canned answers to the statements of the client programs, for as long as the simulated server is not whole. */
export async function startFake(): Promise<RunningServer> {
  let prepared = '';
  const instance = await fakeInstance({
    batch: (text, sink, _signal, session) => {
      answer(text, sink, (database) => (session.database = database));
    },
    rpc: (call, sink) => {
      const texts = call.parameters.map(({ value }) => value);
      const statement = texts.find(
        (value): value is string => typeof value === 'string' && /^(SELECT|INSERT)/.test(value),
      );
      if (call.procedure === 'sp_prepexec') {
        prepared = statement ?? '';
        sink.returnValue({ name: '', type: { name: 'int' }, value: 1 });
      }
      if (/^sp_(prepexec|executesql|execute)$/.test(call.procedure))
        answer(statement ?? prepared, sink, () => undefined);
    },
  });
  return { port: instance.port, password: PASSWORD, [Symbol.asyncDispose]: () => instance[Symbol.asyncDispose]() };
}

function answer(text: string, sink: ResultSink, use: (database: string) => void): void {
  const database = /USE \[?(\w+)/.exec(text)?.[1];
  if (database !== undefined) {
    sink.env({ kind: 'database', next: database, previous: 'master' });
    sink.message({ number: 5701, class: 0, state: 2, text: `Changed database context to '${database}'.` });
    use(database);
    sink.done({ curCmd: 226 });
  } else if (/nosuch/.test(text) && /BACKUP/.test(text)) {
    throw new SqlError(
      {
        number: 911,
        class: 16,
        state: 11,
        text: "Database 'nosuch' does not exist. Make sure that the name is entered correctly.",
      },
      { number: 3013, class: 16, state: 1, text: 'BACKUP DATABASE is terminating abnormally.' },
    );
  } else if (/nosuch/.test(text))
    throw new SqlError({ number: 208, class: 16, state: 1, text: "Invalid object name 'nosuch'." });
  else if (/PRINT/.test(text)) sink.message({ number: 0, class: 0, state: 1, text: 'hello' });
  else if (/BACKUP/.test(text)) {
    sink.message({
      number: 3014,
      class: 10,
      state: 1,
      text: 'BACKUP DATABASE successfully processed 346 pages in 0.018 seconds (150.173 MB/sec).',
    });
    sink.done({ curCmd: 228 });
  } else if (/SELECT id/.test(text)) {
    sink.columns([
      { name: 'id', type: { name: 'int' }, nullable: false },
      { name: 'name', type: { name: 'nvarchar', length: 40 } },
      { name: 'price', type: { name: 'decimal', precision: 10, scale: 2 } },
      { name: 'at', type: { name: 'datetime2', scale: 3 } },
    ]);
    sink.row([1, 'größe €', { unscaled: 1250n, scale: 2 }, { ticks: 639_123_180_133_200_000n }]);
    sink.row([2, null, null, null]);
    sink.done({ curCmd: 193, rowCount: 2 });
  } else if (/SELECT/i.test(text)) {
    sink.columns([{ name: 'one', type: { name: 'int' } }]);
    sink.row([/COUNT/.test(text) ? 2 : 1]);
    sink.done({ curCmd: 193, rowCount: 1 });
  } else if (/INSERT/.test(text)) sink.done({ curCmd: 195, rowCount: 1 });
  else sink.done({ curCmd: 0 });
}
