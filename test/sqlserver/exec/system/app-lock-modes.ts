import type { AppLockMode } from './contract.ts';

/** What a lock can be after two requests of one session have been added up. */
export type HeldMode = AppLockMode | 'SharedIntentExclusive' | 'UpdateIntentExclusive';

/** Lock Compatibility (Transact-SQL): the modes that others may hold beside this one. */
const compatible: Record<HeldMode, readonly HeldMode[]> = {
  IntentShared: [
    'IntentShared',
    'Shared',
    'Update',
    'IntentExclusive',
    'SharedIntentExclusive',
    'UpdateIntentExclusive',
  ],
  Shared: ['IntentShared', 'Shared', 'Update'],
  Update: ['IntentShared', 'Shared'],
  IntentExclusive: ['IntentShared', 'IntentExclusive'],
  SharedIntentExclusive: ['IntentShared'],
  UpdateIntentExclusive: ['IntentShared'],
  Exclusive: [],
};

export const areCompatible = (a: HeldMode, b: HeldMode): boolean => compatible[a].includes(b);

/** Letters of sys.dm_tran_locks.request_mode, and of the wait type LCK_M_…. */
export const modeLetters: Record<HeldMode, string> = {
  IntentShared: 'IS',
  Shared: 'S',
  Update: 'U',
  IntentExclusive: 'IX',
  SharedIntentExclusive: 'SIX',
  UpdateIntentExclusive: 'UIX',
  Exclusive: 'X',
};

/** What each mode stands for: reading, updating, intending to write below, writing. */
const bits: Record<HeldMode, number> = {
  IntentShared: 1,
  Shared: 3,
  Update: 7,
  IntentExclusive: 9,
  SharedIntentExclusive: 11,
  UpdateIntentExclusive: 15,
  Exclusive: 31,
};

const byBits = new Map(Object.entries(bits).map(([mode, value]) => [value, mode as HeldMode]));

export function union(a: HeldMode | undefined, b: HeldMode): HeldMode {
  return a === undefined ? b : (byBits.get(bits[a] | bits[b]) ?? 'Exclusive');
}

const appLockModes: readonly AppLockMode[] = ['Shared', 'Update', 'IntentShared', 'IntentExclusive', 'Exclusive'];

/** The mode a caller names, in any case. */
export const appLockMode = (text: string | undefined): AppLockMode | undefined =>
  appLockModes.find((mode) => mode.toLowerCase() === text?.toLowerCase());
