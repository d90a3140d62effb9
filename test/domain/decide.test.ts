import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideBackup, reasonText, type DatabaseState, type Decision } from '../../workflows/domain/decide.ts';
import { parseLsn } from '../../workflows/domain/lsn.ts';
import type { ChainHead, LostChain, StoreChain } from '../../workflows/domain/plan-types.ts';

const server: DatabaseState = {
  name: 'db1',
  databaseId: 5,
  state: 'ONLINE',
  recoveryModel: 'FULL',
  isSnapshot: false,
  isInStandby: false,
  familyId: 'FAMILY-1',
  recoveryForkId: 'FORK-A',
  lastLogBackupLsn: parseLsn('300'),
  differentialBaseId: 'FULL-1',
};

const head: ChainHead = {
  familyId: 'FAMILY-1',
  recoveryForkId: 'FORK-A',
  lastLsn: parseLsn('300'),
  lastLogLsn: parseLsn('300'),
  fullSinceLog: null,
  latestRestorableMs: 0,
  lastSetId: 'LOG-9',
};

const store: StoreChain = { database: 'db1', head, differentialBases: ['FULL-1', 'FULL-0'], lost: null };

interface Case {
  readonly asked?: 'full' | 'differential' | 'log';
  readonly when: string;
  readonly server?: Partial<DatabaseState>;
  readonly head?: Partial<ChainHead> | null;
  readonly bases?: readonly string[];
  readonly lost?: Partial<LostChain>;
  readonly then: string;
}

const cases: readonly Case[] = [
  { when: 'the chain goes on', then: 'log' },
  { asked: 'differential', when: 'its base is in the store', then: 'differential' },
  { asked: 'full', when: 'nothing is wrong', then: 'full' },
  { asked: 'full', when: 'the chain is broken, too', server: { recoveryForkId: 'FORK-X' }, then: 'full' },

  { when: 'the store holds nothing', head: null, then: 'full: first-backup' },
  { asked: 'differential', when: 'the store holds nothing', head: null, then: 'full: first-backup' },
  { when: 'it was dropped and made anew', server: { familyId: 'FAMILY-2' }, then: 'full: recreated' },
  { when: 'it was restored', server: { recoveryForkId: 'FORK-B' }, then: 'full: new-recovery-fork' },
  {
    asked: 'differential',
    when: 'it was restored',
    server: { recoveryForkId: 'FORK-B' },
    then: 'full: new-recovery-fork',
  },

  { when: 'the full after the last log is ahead', head: { lastLsn: parseLsn('350') }, then: 'log' },
  {
    when: 'a log was taken elsewhere',
    server: { lastLogBackupLsn: parseLsn('301') },
    then: 'differential: log-taken-elsewhere',
  },
  {
    when: 'a log was taken elsewhere, and so was the last full',
    server: { lastLogBackupLsn: parseLsn('400'), differentialBaseId: 'FOREIGN' },
    then: 'full: log-taken-elsewhere',
  },
  {
    when: 'LSNs differ in length only',
    server: { lastLogBackupLsn: parseLsn('1000') },
    then: 'differential: log-taken-elsewhere',
  },
  {
    when: 'the model went to SIMPLE and back',
    server: { lastLogBackupLsn: null },
    then: 'differential: log-chain-not-started',
  },
  {
    when: 'the model went to SIMPLE and back, and no base is there',
    server: { lastLogBackupLsn: null, differentialBaseId: null },
    then: 'full: log-chain-not-started',
  },

  {
    asked: 'differential',
    when: 'there was no full',
    server: { differentialBaseId: null },
    then: 'full: no-differential-base',
  },
  {
    asked: 'differential',
    when: 'somebody else took a full',
    server: { differentialBaseId: 'FOREIGN' },
    then: 'full: base-not-in-store',
  },
  { asked: 'differential', when: 'the base is damaged, so not listed', bases: [], then: 'full: base-not-in-store' },
  {
    asked: 'differential',
    when: 'the model is SIMPLE',
    server: { recoveryModel: 'SIMPLE', lastLogBackupLsn: null },
    then: 'differential',
  },

  {
    when: 'the volume was put back to a snapshot',
    server: { lastLogBackupLsn: parseLsn('200') },
    then: 'full: store-ahead-of-server',
  },
  {
    asked: 'differential',
    when: 'the volume was put back to a snapshot',
    server: { lastLogBackupLsn: parseLsn('200') },
    then: 'full: store-ahead-of-server',
  },
  {
    when: 'a full was taken since the volume was put back',
    server: { lastLogBackupLsn: parseLsn('200'), differentialBaseId: 'FULL-2' },
    head: { fullSinceLog: 'FULL-2' },
    then: 'log',
  },
  {
    when: 'the full since the last log is from before the volume was put back',
    server: { lastLogBackupLsn: parseLsn('200') },
    head: { fullSinceLog: 'FULL-2' },
    then: 'full: store-ahead-of-server',
  },

  {
    when: 'a log file is gone from the store',
    head: { lastLsn: parseLsn('200'), lastLogLsn: parseLsn('200') },
    lost: {},
    then: 'differential: file-lost',
  },
  { when: 'every full is gone from the store', head: null, bases: [], lost: {}, then: 'full: file-lost' },
  {
    when: 'a log and the base are gone, and an older full leads on',
    head: { lastLsn: parseLsn('200'), lastLogLsn: parseLsn('200') },
    bases: ['FULL-0'],
    lost: {},
    then: 'full: file-lost',
  },
  { asked: 'differential', when: 'its base is gone from the store', bases: [], lost: {}, then: 'full: file-lost' },
  { when: 'a base is gone that the logs do not need', bases: [], lost: {}, then: 'log' },
  {
    when: 'a file is gone, and a log was taken elsewhere, too',
    server: { lastLogBackupLsn: parseLsn('400') },
    head: { lastLsn: parseLsn('200') },
    lost: {},
    then: 'differential: log-taken-elsewhere',
  },
  { asked: 'full', when: 'a file is gone', head: null, lost: {}, then: 'full' },

  { when: 'the model is SIMPLE', server: { recoveryModel: 'SIMPLE' }, then: 'skip: simple-recovery-model' },
  { when: 'it is OFFLINE', server: { state: 'OFFLINE' }, then: 'skip: not-online' },
  {
    when: 'it is RESTORING and SIMPLE',
    server: { state: 'RESTORING', recoveryModel: 'SIMPLE' },
    then: 'skip: not-online',
  },
  { when: 'it is in STANDBY', server: { isInStandby: true }, then: 'skip: standby' },
  { when: 'it is a snapshot', server: { isSnapshot: true }, then: 'skip: database-snapshot' },
  { asked: 'full', when: 'it is a system database', server: { name: 'Master' }, then: 'skip: system-database' },
  { asked: 'full', when: 'it is SUSPECT', server: { state: 'SUSPECT' }, then: 'skip: not-online' },
];

for (const { asked = 'log', when, then, ...facts } of cases) {
  test(`${asked} asked, ${when}: ${then}`, () => {
    const chain: StoreChain = {
      ...store,
      head: facts.head === null ? null : { ...head, ...facts.head },
      differentialBases: facts.bases ?? store.differentialBases,
      lost:
        facts.lost === undefined
          ? null
          : { head, differentialBases: store.differentialBases, files: [], ...facts.lost },
    };
    assert.equal(short(decideBackup(asked, { ...server, ...facts.server }, chain)), then);
  });
}

test('a database that the store does not know is decided like an empty chain', () => {
  assert.equal(short(decideBackup('log', server, null)), 'full: first-backup');
});

test('a skipped database says in which state it is', () => {
  const decision = decideBackup('log', { ...server, state: 'RECOVERY_PENDING' }, store);
  assert.deepEqual(decision, { database: 'db1', action: 'skip', reason: 'not-online', state: 'RECOVERY_PENDING' });
  assert.equal(reasonText('not-online'), 'it is not ONLINE');
});

function short(decision: Decision): string {
  return decision.reason === undefined ? decision.action : `${decision.action}: ${decision.reason}`;
}
