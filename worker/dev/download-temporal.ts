import { TestWorkflowEnvironment } from '@temporalio/testing';

/** Downloads the temporal program into the folder given: the SDK does so when it starts a server. */
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: process.argv[2] ?? '.' } },
  });
  await environment.teardown();
} catch (error) {
  console.error(String((error as Error).message).replace(/\s+/g, ' '));
  process.exitCode = 1;
}
