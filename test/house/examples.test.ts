import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadSettings } from '../../client/config.ts';
import {
  checkBackupRequest,
  checkRestoreRequest,
  type BackupRequest,
  type RestoreRequest,
} from '../../workflows/domain/request.ts';
import { root } from './import-graph.ts';

const examples = join(root, 'examples');

/** Path below the repository of every example of a kind. */
function list(folder: string, ending: string): string[] {
  const names = readdirSync(join(examples, folder));
  const wanted = names.filter((name) => name.endsWith(ending));
  assert.deepEqual(wanted, names, `only ${ending} belongs in examples/${folder}`);
  assert.ok(names.length > 0);
  return names.map((name) => join(examples, folder, name));
}

describe('examples', () => {
  for (const path of [join(root, 'temporal.yaml'), ...list('settings', '.yaml')]) {
    it(`${path.slice(root.length)} is taken as settings`, () => {
      const settings = loadSettings({ path });
      assert.ok(Object.keys(settings.instances).length > 0);
    });
  }

  for (const path of list('requests', '.json')) {
    it(`${path.slice(root.length)} is taken as a request, for an instance that temporal.yaml has`, () => {
      const request = JSON.parse(readFileSync(path, 'utf8')) as BackupRequest | RestoreRequest;
      const { instances } = loadSettings({ path: join(root, 'temporal.yaml') });
      const now = Date.parse('2099-01-01T00:00:00Z');
      const issues = 'kind' in request ? checkBackupRequest(request) : checkRestoreRequest(request, now);
      assert.deepEqual(issues, []);
      const name = 'kind' in request ? request.instance : request.source;
      assert.ok(Object.hasOwn(instances, name), name);
    });
  }

  it('lie in folders that are known', () => {
    assert.deepEqual(readdirSync(examples).sort(), ['requests', 'settings']);
  });

  it('temporal.yaml says in its first lines that it is not the file of the temporal command', () => {
    assert.match(readFileSync(join(root, 'temporal.yaml'), 'utf8'), /^# .*\n?.*not the temporal command's own file/);
  });
});
