import { commandName } from '../command-name.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { withTemporal, type SessionOptions } from './session.ts';

export function cancel(workflowId: string, options: SessionOptions): Promise<ExitCode> {
  return withTemporal(options, async ({ client, screen }) => {
    const handle = client.workflow.getHandle(workflowId);
    const { status } = await handle.describe();
    const asked = status.name === 'RUNNING';
    if (asked) await handle.cancel();
    screen.print(
      asked
        ? `Asked ${workflowId} to stop; it cleans up first. Watch it: ${commandName} status ${workflowId} --watch`
        : `${workflowId} has ended already (${status.name}); there is nothing to cancel.`,
    );
    screen.data({ workflowId, asked, state: status.name });
    return exitCodes.ok;
  });
}
