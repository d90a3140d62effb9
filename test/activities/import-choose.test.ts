import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSets, importSet, type ChooseOptions } from '../../activities/import/choose.ts';
import { readMedia, type Medium } from '../../activities/import/media.ts';
import type { SqlConnection } from '../../activities/sql-server/connection.ts';
import type { ServerFacts } from '../../activities/sql-server/facts.ts';
import type { Label } from '../../activities/sql-server/header.ts';
import type { SetRow } from '../../activities/sql-server/history.ts';
import { failure } from '../../activities/failure.ts';
import type { DatabaseState } from '../../workflows/domain/decide.ts';
import { familyRow } from './sets.ts';

const family = 'FF4290A0-0000-4000-8000-000000000001';
const server = (name: string, familyId: string | null): DatabaseState =>
  ({ name, familyId, state: 'ONLINE' }) as DatabaseState;

const options: ChooseOptions = {
  instance: 'mssql-rt',
  serverName: 'mssql-rt',
  utcOffsetMinutes: 0,
  wanted: undefined,
  databases: [server('db1', family)],
  stored: new Set(),
  known: new Set(),
};

let made = 0;
function row(change: Partial<SetRow> = {}): SetRow {
  made += 1;
  const { device: _, ...plain } = familyRow({ id: `6f1d0b9e-7f3e-4c0a-9d7c-${String(made).padStart(12, '0')}` });
  return { ...plain, ...change };
}

const medium = (file: string, ...sets: SetRow[]): Medium => ({ files: [file], sizeBytes: 1000, sets });

function reasons(media: readonly Medium[], change: Partial<ChooseOptions> = {}): string[] {
  const { candidates, skipped } = chooseSets(media, { ...options, ...change });
  return [
    ...candidates.map(({ medium: from, row: set, database }) => `${from.files[0]} ${set.position} ${database}: taken`),
    ...skipped.map(({ file, position, reason }) => `${file} ${position}: ${reason}`),
  ];
}

test('a set is taken in when its family is that of the database of its name, whichever server took it', () => {
  assert.deepEqual(reasons([medium('a', row({ serverName: 'before-the-move' }))]), ['a 1 db1: taken']);
  const other = row({ serverName: 'elsewhere', familyId: '00000000-0000-4000-8000-000000000009' });
  assert.deepEqual(reasons([medium('a', other)]), ['a 1: other-database']);
});

test('an earlier database of that name on this server is part of its history', () => {
  const before = row({ familyId: '00000000-0000-4000-8000-000000000009' });
  assert.deepEqual(reasons([medium('a', before)]), ['a 1 db1: taken']);
});

test('of a database that is there no more, the backups of this server are taken in, and those of another are not', () => {
  const gone = { database: 'gone' };
  assert.deepEqual(reasons([medium('a', row(gone))]), ['a 1 gone: taken']);
  assert.deepEqual(reasons([medium('a', row({ ...gone, serverName: 'elsewhere' }))]), ['a 1: other-server']);
  const known = new Set(['gone']);
  assert.deepEqual(reasons([medium('a', row({ ...gone, serverName: 'elsewhere' }))], { known }), ['a 1 gone: taken']);
});

test('a name that differs in case only is the name of the server', () => {
  assert.deepEqual(reasons([medium('a', row({ database: 'DB1' }))]), ['a 1 db1: taken']);
});

test('what is there already, twice, damaged, cut off, of a system database or not asked for is left out with its reason', () => {
  const first = row();
  const stored = row();
  const media = [
    medium('a', first, row({ position: 2 })),
    medium('b', { ...first }),
    medium('c', stored),
    medium(
      'd',
      row({ damaged: true }),
      row({ position: 2, name: '*** INCOMPLETE ***' }),
      row({ position: 3, type: '?' }),
    ),
    medium('e', row({ database: 'master' }), row({ position: 2, database: 'db2' })),
  ];
  assert.deepEqual(reasons(media, { stored: new Set([stored.id.toUpperCase()]), wanted: ['db1'] }), [
    'a 1 db1: taken',
    'a 2 db1: taken',
    'b 1: duplicate',
    'c 1: already-in-store',
    'd 1: damaged',
    'd 2: cut-off',
    'd 3: unsupported-kind',
    'e 1: system-database',
    'e 2: not-asked-for',
  ]);
});

test('each set of a file has names of its own, and knows the set that shares its bytes', () => {
  const both = medium('old/a.trn', row(), row({ position: 2, startedAt: '2026-04-20T21:50:00' }));
  const [one, two] = chooseSets([both], options).candidates;
  assert.ok(one && two);
  const first = importSet(one, [], null, options);
  const second = importSet(two, [], first, options);
  assert.equal(first.twin, null);
  assert.deepEqual(second.twin, { folder: 'mssql-rt/db1', names: first.names });
  assert.notDeepEqual(first.names, second.names);
  assert.deepEqual([second.sources, second.set.position], [['old/a.trn'], 2]);
});

/** Files as a server would label them; a number is the family of a medium of three. */
function serverWith(files: Readonly<Record<string, Label | 'broken'>>): SqlConnection {
  return {
    rows: async (query: { text: string }, { device }: { device: string }) => {
      const label = files[device.replace('/var/opt/mssql/', '')];
      if (label === 'broken' || label === undefined) throw failure('FileDamaged', `${device} is incorrectly formed`);
      return query.text.includes('LABELONLY') ? [label] : [row()];
    },
  } as unknown as SqlConnection;
}

const label = (set: string, n: number, of: number): Label => ({
  MediaSetId: set,
  FamilySequenceNumber: n,
  FamilyCount: of,
});

test('striped media are put together in order; one of which a file is missing is refused, each file by its name', async () => {
  const labels = {
    'x/2.bak': label('whole', 2, 2),
    'x/1.bak': label('whole', 1, 2),
    'x/copy.bak': label('whole', 1, 2),
    'x/a.bak': label('torn', 1, 3),
    'x/c.bak': label('torn', 3, 3),
    'x/bad.bak': 'broken',
  } as const;
  const files = [...Object.keys(labels), 'x/readme.txt'].map((path) => ({ path, sizeBytes: 10 }));
  const { media, skipped } = await readMedia(serverWith(labels), { majorVersion: 16 } as ServerFacts, files, () => {});
  assert.deepEqual(
    media.map((one) => [one.files, one.sizeBytes]),
    [[['x/1.bak', 'x/2.bak'], 20]],
  );
  assert.deepEqual(skipped.map(({ file, reason }) => `${file} ${reason}`).sort(), [
    'x/a.bak media-incomplete',
    'x/bad.bak unreadable',
    'x/c.bak media-incomplete',
    'x/copy.bak duplicate',
    'x/readme.txt no-backup-file',
  ]);
  assert.match(
    skipped.find(({ file }) => file === 'x/a.bak')?.why ?? '',
    /one of 3 files of a striped backup, of which 2 is not/,
  );
});
