import { fromJson } from '../json.ts';
import type { BackupStatement, RestoreStatement } from '../../contracts.ts';
import type { HoldRequest } from '../faults.ts';
import { openInstance } from '../instance.ts';
import { sa } from './harness.ts';

/** A server in a process of its own that stands at a hold until it is killed. */
export interface VictimOrder {
  readonly root: string;
  readonly hold: HoldRequest;
  readonly backup?: BackupStatement;
  readonly restore?: RestoreStatement;
}

const order = fromJson<VictimOrder>(process.argv[2] ?? '{}');
const instance = await openInstance({ dataRoot: order.root });
const hold = instance.faults.addHold(order.hold);
void hold.reached.then(() => process.stdout.write('reached\n'));
// Keeps the process alive: a promise alone would not.
setInterval(() => undefined, 60_000);
const { context } = sa(instance);
if (order.backup !== undefined) await instance.backup(order.backup, context);
if (order.restore !== undefined) await instance.restore(order.restore, context);
process.stdout.write('done\n');
