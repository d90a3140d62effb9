import { instanceNamePattern, type Issue } from './request.ts';

/** Input of the workflow `runtimeE2E`. */
export interface RehearsalRequest {
  readonly source: string;
  /** Instance to restore to; it is made when it does not exist. */
  readonly target: string;
  /** Default db1, db2, db3. They are created when absent. */
  readonly databases?: readonly string[];
  /** Quiet before and after the target time. Default 2. */
  readonly pauseSeconds?: number;
  /** Default 300. */
  readonly rpoGoalSeconds?: number;
  /** Run DBCC CHECKDB on the target. Default false. */
  readonly checkDb?: boolean;
  /** Name of the evidence folder. Default: from the run. */
  readonly evidence?: string;
}

/** Problems of a rehearsal request; empty when it can be tried. */
export function checkRehearsalRequest(request: RehearsalRequest): readonly Issue[] {
  if (typeof request !== 'object' || request === null) {
    return [{ path: '', problem: 'must be an object such as {"source":"mssql-rt","target":"mssql-rt-target"}' }];
  }
  const issues: Issue[] = [];
  for (const path of ['source', 'target'] as const) {
    if (typeof request[path] !== 'string' || !instanceNamePattern.test(request[path]))
      issues.push({ path, problem: 'must be an instance name' });
  }
  if (request.source === request.target)
    issues.push({ path: 'target', problem: 'must be another instance than the source' });
  for (const path of ['pauseSeconds', 'rpoGoalSeconds'] as const) {
    const value = request[path];
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      issues.push({ path, problem: 'must be a number of seconds above 0' });
  }
  if (request.evidence !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(request.evidence)) {
    issues.push({ path: 'evidence', problem: 'must be a plain folder name' });
  }
  return issues;
}
