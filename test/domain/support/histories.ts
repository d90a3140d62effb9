import fc from 'fast-check';
import { ModelServer, type Fate } from './model-server.ts';

type Act = (server: ModelServer) => void;

/** Gaps that put events into the same second, on its border, into neighbouring seconds, and far apart. */
const pauses = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 300, max: 1100 }),
  fc.constantFrom(999, 1000, 1001, 2000, 3700, 60_000, 600_000),
);

const fates = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Fate>('stored') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('elsewhere', 'damaged', 'twice') },
);

const backups = fc
  .record({
    kind: fc.oneof(
      { weight: 2, arbitrary: fc.constant('full' as const) },
      { weight: 2, arbitrary: fc.constant('differential' as const) },
      { weight: 7, arbitrary: fc.constant('log' as const) },
    ),
    copyOnly: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    fate: fates,
    lasts: fc.tuple(pauses, pauses),
    busy: fc.boolean(),
  })
  .map(
    (options): Act =>
      (server) =>
        server.backUp(options),
  );

const act = <T extends unknown[]>(arbitrary: fc.Arbitrary<T>, how: (server: ModelServer, ...args: T) => void) =>
  arbitrary.map(
    (args): Act =>
      (server) =>
        how(server, ...args),
  );

const everyday = [
  { weight: 9, arbitrary: act(fc.tuple(pauses), (server, ms) => server.pass(ms)) },
  { weight: 9, arbitrary: act(fc.tuple(), (server) => server.commit()) },
  { weight: 12, arbitrary: backups },
  {
    weight: 1,
    arbitrary: act(
      fc.tuple(fc.constantFrom('FULL' as const, 'SIMPLE' as const, 'BULK_LOGGED' as const)),
      (server, model) => server.setModel(model),
    ),
  },
  {
    weight: 1,
    arbitrary: act(fc.tuple(), (server) => {
      server.setModel('BULK_LOGGED');
      server.commit(true);
    }),
  },
  {
    weight: 1,
    arbitrary: act(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.boolean()), (server, back, keeps) =>
      server.restoreOver(back, keeps),
    ),
  },
  {
    weight: 1,
    arbitrary: act(fc.tuple(fc.boolean(), pauses), (server, again, ms) => {
      server.drop();
      server.pass(ms);
      if (again) server.create();
    }),
  },
  { weight: 2, arbitrary: act(fc.tuple(), (server) => server.create()) },
];

/** In one direction: a clock that goes and comes back between two backups leaves no trace in any header. */
const clockChanges = (by: readonly number[]): Weighted[] => [
  { weight: 3, arbitrary: act(fc.tuple(fc.constantFrom(...by)), (server, minutes) => server.changeClock(minutes)) },
];

const rewinds = [
  { weight: 3, arbitrary: act(fc.tuple(), (server) => server.snapshot()) },
  { weight: 2, arbitrary: act(fc.tuple(fc.nat(3)), (server, which) => server.revert(which)) },
];

interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Act>;
}

function servers(acts: Weighted[]): fc.Arbitrary<ModelServer> {
  return fc
    .record({ knowsLastRecord: fc.boolean(), acts: fc.array(fc.oneof(...acts), { maxLength: 80, size: 'max' }) })
    .map(({ knowsLastRecord, acts: list }) => {
      const server = new ModelServer(knowsLastRecord);
      server.create();
      for (const each of list) each(server);
      return server;
    });
}

export const everydayServers = servers(everyday);
/** The source's clock changes its offset, as daylight saving does. */
export const clockServers = fc.oneof(
  servers([...everyday, ...clockChanges([-30, -60])]),
  servers([...everyday, ...clockChanges([30, 60])]),
);
/** The source's volume is put back to snapshots. */
export const rewoundServers = servers([...everyday, ...rewinds]);

/** Moments where a plan may change: around every time in the headers, and around the truth. */
export function moments(server: ModelServer): number[] {
  const edges = server.store.flatMap((set) =>
    [set.startedAt, set.finishedAt, set.lastValidRestoreTime ?? set.startedAt].flatMap((time) => [
      Date.parse(time),
      Date.parse(time) + 1000,
    ]),
  );
  return [...new Set([...edges, server.now].flatMap((ms) => [ms - 1, ms, ms + 1, ms + 500, ms + 30_000]))].sort(
    (a, b) => a - b,
  );
}

export const anyServers = fc.oneof(everydayServers, clockServers, rewoundServers);
