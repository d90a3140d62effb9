/** Memo of a Schedule, which Temporal lets nobody change: the fleet (its task queue) whose `apply` made it. */
export const ownerMark = 'mssqlPitrFleet';

/** Memo of the runs that a Schedule starts, and so part of what an update writes: digest of what was applied. */
export const digestMark = 'mssqlPitrApplied';
