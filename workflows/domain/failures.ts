/**
 * Every way in which a run can fail, as a closed vocabulary. `type` is what people filter by in the Temporal UI and
 * what callers match on; it never changes its meaning. `hint` tells what to do next.
 */
export const failures = {
  InvalidInput: { retryable: false, hint: 'Correct the input and start again.' },
  UnknownInstance: {
    retryable: false,
    hint: 'Use an instance that temporal.yaml declares, or add it there and restart the worker.',
  },
  UnknownDatabase: { retryable: false, hint: 'Check the database name; names are as sys.databases shows them.' },
  TargetTimeNotReachable: { retryable: false, hint: 'Choose a time inside the restorable window.' },
  TargetDatabaseExists: {
    retryable: false,
    hint: 'Give the restored database another name (rename), or another target instance.',
  },
  NothingToDo: { retryable: false, hint: 'No database qualifies; see the reasons.' },
  BackupIncomplete: {
    retryable: false,
    hint: 'The databases named above have no new backup; the others have. Mend the cause; the next run takes them up.',
  },
  ChainBroken: {
    retryable: false,
    hint: 'The next backup run makes the chain whole again with a differential or full backup.',
  },
  StopPointNotReached: {
    retryable: false,
    hint: 'The chain in the store ends before the target time. Take a log backup, then restore again.',
  },
  StoreDamaged: {
    retryable: false,
    hint: 'Sets that are missing or damaged are not used any more, and the next backup run makes the chains whole again. The report in the store names every file.',
  },
  ImportIncomplete: {
    retryable: false,
    hint: 'The other backups are in the store. Bring what is missing or broken into the folder and import it again: what is there already is left as it is.',
  },
  FileMissing: {
    retryable: false,
    hint: 'A backup file is gone from the store. Restore it there, or choose a time that does not need it.',
  },
  FileDamaged: {
    retryable: false,
    hint: 'A backup file does not match its manifest. Bring back a good copy, or choose a time that does not need it.',
  },
  AccessDenied: {
    retryable: false,
    hint: 'SQL Server (uid 10001) must be able to write and read the folder named above.',
  },
  StorageFull: { retryable: true, hint: 'Free space on the volume named above; the run goes on by itself.' },
  PermissionDenied: {
    retryable: false,
    hint: 'Grant the login, or on Kubernetes the service account, what docs/operations.md lists.',
  },
  LoginFailed: { retryable: false, hint: 'Check the login and the secret that temporal.yaml refers to.' },
  ServerUnavailable: { retryable: true, hint: 'SQL Server does not answer; the run waits and goes on when it does.' },
  DatabaseInUse: { retryable: true, hint: 'Another session uses the database; close it.' },
  NotOurs: {
    retryable: false,
    hint: 'The target has a database of that name which this restore did not create; it is left alone.',
  },
  TargetFailed: { retryable: false, hint: 'The target instance did not come up; see its log.' },
  SqlError: { retryable: false, hint: 'SQL Server refused the statement; its message is above.' },
  VerificationFailed: {
    retryable: false,
    hint: 'The restored database does not hold what was expected; see the certificate.',
  },
  StoreUnavailable: {
    retryable: true,
    hint: 'The backup store cannot be read or written; the run goes on when it can.',
  },
  ClusterUnavailable: { retryable: true, hint: 'The Kubernetes API does not answer; the run goes on when it does.' },
  ClusterRefused: { retryable: false, hint: 'The Kubernetes API refused an object; its reason is above.' },
  Unschedulable: {
    retryable: false,
    hint: 'Mend what keeps the pod from a node where all of its volumes can be mounted, then start again.',
  },
  VolumeUnavailable: { retryable: true, hint: 'A volume cannot be mounted; the run goes on when it can.' },
  ImageUnavailable: {
    retryable: false,
    hint: 'Check the name of the image, and that the nodes may pull it, then start again.',
  },
  JobFailed: { retryable: true, hint: 'The executor ended without a result and is started again.' },
  DeadlineExceeded: {
    retryable: false,
    hint: 'Find out what held the Job up, or raise kubernetes.jobDeadlineSeconds in temporal.yaml.',
  },
  OutOfMemory: { retryable: false, hint: 'Raise kubernetes.resources.limits.memory in temporal.yaml.' },
} as const satisfies Record<string, { readonly retryable: boolean; readonly hint: string }>;

export type FailureType = keyof typeof failures;

/** What the message of a failure says: what happened, then what to do next. */
export function failureText(type: FailureType, happened: string): string {
  const end = /[.!?…]$/.test(happened) ? '' : '.';
  return `${happened}${end} ${failures[type].hint}`;
}
