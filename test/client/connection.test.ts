import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { connectionTarget } from '../../client/connection-options.ts';
import { registerCommand, searchAttributes } from '../../client/search-attributes.ts';

let folder = '';
const kept = { ...process.env };
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitr-connection-'));
  writeFileSync(
    join(folder, 'temporal.toml'),
    '[profile.default]\naddress = "toml.example.com:7233"\nnamespace = "from-toml"\n',
  );
});
afterEach(() => {
  process.env = { ...kept };
});
after(() => rmSync(folder, { recursive: true }));

function target(env: Record<string, string>): { address: string; namespace: string } {
  for (const name of Object.keys(process.env)) if (name.startsWith('TEMPORAL_')) delete process.env[name];
  Object.assign(process.env, { TEMPORAL_CONFIG_FILE: join(folder, 'none.toml'), ...env });
  const { address, namespace, options } = connectionTarget();
  assert.equal(options.address, address);
  return { address, namespace };
}

describe('where Temporal is', () => {
  it('is this machine when nobody says otherwise', () => {
    assert.deepEqual(target({}), { address: 'localhost:7233', namespace: 'default' });
  });

  it('is what temporal.toml says, as for the temporal command', () => {
    const env = { TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml') };
    assert.deepEqual(target(env), { address: 'toml.example.com:7233', namespace: 'from-toml' });
  });

  it('is what the environment says before that', () => {
    const env = { TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'), TEMPORAL_ADDRESS: 'env.example.com:1' };
    assert.deepEqual(target(env), { address: 'env.example.com:1', namespace: 'from-toml' });
  });
});

describe('the command that registers search attributes', () => {
  it('names each with its type', () => {
    assert.equal(
      registerCommand(searchAttributes, 'ns'),
      'temporal operator search-attribute create --namespace ns --name SqlInstance --type Keyword ' +
        '--name SqlDatabase --type KeywordList --name BackupKind --type Keyword --name RestorePoint --type Datetime',
    );
  });
});
