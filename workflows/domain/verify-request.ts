import { checkDatabases, checkName, isRecord, unknownKeys, type Issue } from './request.ts';

/** Input of the workflow `verifyStore`. */
export interface VerifyRequest {
  /** Name in temporal.yaml. */
  readonly instance: string;
  /** Everything that the store holds of the instance when absent. */
  readonly databases?: readonly string[];
}

/** Problems of the request; empty when it can be tried. */
export function checkVerifyRequest(request: VerifyRequest): readonly Issue[] {
  if (!isRecord(request)) return [{ path: '', problem: 'must be an object such as {"instance":"mssql-rt"}' }];
  return [
    ...unknownKeys(request, ['instance', 'databases']),
    ...checkName('instance', request.instance),
    ...checkDatabases(request.databases),
  ];
}
