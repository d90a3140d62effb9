import type { BackupKind, BackupSet } from '../../workflows/domain/backup-set.ts';
import { storeChain } from '../../workflows/domain/chain.ts';
import { decideBackup } from '../../workflows/domain/decide.ts';
import { ModelServer } from '../domain/support/model-server.ts';
import { chance, type Chance } from './chance.ts';

/** What went wrong, or came by, in a month. */
export type Fault =
  | 'missed run'
  | 'foreign log'
  | 'recovery model'
  | 'restore over it'
  | 'copy-only full'
  | 'dropped'
  | 'lost file'
  | 'damaged backup'
  | 'bulk load';

const odds: Readonly<Record<Fault, number>> = {
  'missed run': 0.02,
  'foreign log': 0.008,
  'recovery model': 0.006,
  'restore over it': 0.006,
  'copy-only full': 0.01,
  dropped: 0.002,
  'lost file': 0.008,
  'damaged backup': 0.006,
  'bulk load': 0.006,
};

const slotsADay = 4;
const slotMs = (24 * 3_600_000) / slotsADay;

/** One database of a fleet and what happens to it; the model of the server knows the truth of every moment. */
export class Life {
  readonly server: ModelServer;
  readonly #chance: Chance;
  readonly #fullEvery: number;
  readonly #onLost: (set: BackupSet) => void;
  readonly #onFault: (fault: Fault) => void;
  /** The chain may not be what the last run left. */
  #disturbed = true;
  #slot = 0;

  constructor(seed: number, onFault: (fault: Fault) => void, onLost: (set: BackupSet) => void) {
    this.#chance = chance(seed);
    this.server = new ModelServer(this.#chance.happens(0.6));
    this.#fullEvery = this.#chance.happens(0.5) ? slotsADay : slotsADay * 7;
    this.#slot = this.#chance.below(this.#fullEvery);
    this.#onFault = onFault;
    this.#onLost = onLost;
    this.server.create();
    if (this.#chance.happens(0.1)) this.server.setModel('SIMPLE');
  }

  day(): void {
    for (let slot = 0; slot < slotsADay; slot += 1) this.#pass();
  }

  #pass(): void {
    const { server } = this;
    const endsAt = server.now + slotMs;
    for (let n = this.#chance.below(3); n > 0; n -= 1) {
      server.commit();
      server.pass(this.#chance.below(3_600_000));
    }
    for (const [fault, probability] of Object.entries(odds) as [Fault, number][]) {
      if (this.#chance.happens(probability)) this.#suffer(fault);
    }
    this.#slot += 1;
    const kind = this.#slot % this.#fullEvery === 0 ? 'full' : this.#slot % slotsADay === 0 ? 'differential' : 'log';
    if (!this.#chance.happens(odds['missed run'])) this.#run(kind);
    else this.#fault('missed run');
    if (kind !== 'log' && !this.#chance.happens(odds['missed run'])) this.#run('log');
    server.pass(Math.max(0, endsAt - server.now));
  }

  #run(asked: BackupKind): void {
    const { server } = this;
    const state = server.state();
    if (state === null) {
      // A dropped database is made anew some day, or never.
      if (this.#chance.happens(0.05)) server.create();
      return;
    }
    let kind: BackupKind = asked;
    if (this.#disturbed || asked !== 'log' || state.recoveryModel === 'SIMPLE') {
      const decision = decideBackup(asked, state, storeChain('db1', server.store));
      if (decision.action === 'skip') return;
      this.#disturbed = decision.action !== asked;
      kind = decision.action;
    }
    const damaged = this.#chance.happens(odds['damaged backup']);
    if (damaged) this.#fault('damaged backup');
    this.#take(kind, damaged ? 'damaged' : 'stored');
  }

  #take(kind: BackupKind, fate: 'stored' | 'damaged' | 'elsewhere', copyOnly = false): void {
    const lasts = [this.#chance.below(2_000), this.#chance.below(90_000)] as const;
    this.server.backUp({ kind, fate, copyOnly, lasts, busy: this.#chance.happens(0.5) });
  }

  #fault(fault: Fault): void {
    this.#disturbed = true;
    this.#onFault(fault);
  }

  #suffer(fault: Fault): void {
    const { server } = this;
    if (server.state() === null && fault !== 'lost file') return;
    switch (fault) {
      case 'foreign log':
        this.#take('log', 'elsewhere');
        break;
      case 'recovery model':
        server.setModel('SIMPLE');
        server.commit();
        server.setModel('FULL');
        break;
      case 'restore over it':
        server.restoreOver(this.#chance.below(4), this.#chance.happens(0.5));
        break;
      case 'copy-only full':
        this.#take('full', 'stored', true);
        break;
      case 'dropped':
        server.drop();
        break;
      case 'bulk load':
        server.setModel('BULK_LOGGED');
        server.commit(true);
        break;
      case 'lost file': {
        const set = this.#chance.pick(server.store.filter(({ isDamaged }) => !isDamaged));
        if (set === undefined) return;
        server.store[server.store.indexOf(set)] = { ...set, isDamaged: true };
        this.#onLost(set);
        break;
      }
      // These two are suffered where a backup is taken.
      case 'missed run':
      case 'damaged backup':
        return;
    }
    this.#fault(fault);
  }
}
