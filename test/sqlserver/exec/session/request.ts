import type { SqlMoment } from '../../contracts.ts';
import type { RequestInfo } from '../system/contract.ts';

/** The request that a session runs now: one row of sys.dm_exec_requests. */
export class RunningRequest implements RequestInfo {
  readonly startTime: SqlMoment;
  readonly startedAt: number;
  /** Of a remote procedure call: the statement's text once it is known. */
  text: string;
  command = 'AWAITING COMMAND';
  percentComplete = 0;
  statementStart = 0;
  statementEnd: number;
  status: 'running' | 'suspended' = 'running';
  waitType: string | null = null;
  blockedBy = 0;

  constructor(text: string, startTime: SqlMoment, startedAt: number) {
    this.text = text;
    this.startTime = startTime;
    this.startedAt = startedAt;
    this.statementEnd = text.length;
  }

  /** Shows as suspended while `work` waits. */
  async waiting<T>(waitType: string, work: () => Promise<T>): Promise<T> {
    this.status = 'suspended';
    this.waitType = waitType;
    try {
      return await work();
    } finally {
      this.status = 'running';
      this.waitType = null;
    }
  }
}
