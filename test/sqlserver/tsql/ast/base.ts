/** Where a statement stands in its batch: line numbers of messages, text of sys.dm_exec_requests. */
export interface StatementBase {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}
