import assert from 'node:assert/strict';
import { ConfigError, type ConfigIssue } from '../../client/config-issues.ts';
import { parseSettings } from '../../client/config.ts';

/** What is wrong with a temporal.yaml that must be refused. */
export function issuesOf(text: string): readonly ConfigIssue[] {
  try {
    parseSettings(text, '/etc/pitr/temporal.yaml');
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.issues;
  }
  assert.fail('the settings were taken');
}
