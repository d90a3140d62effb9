import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { run } from '../../cluster/host/command.ts';
import { workerCommand } from '../../support/worker.ts';
import { workerImage } from '../images.ts';

interface ImageConfig {
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly WorkingDir: string;
    readonly Env: readonly string[];
  };
}

const cannot = process.platform !== 'linux' || process.getuid?.() !== 0 ? 'needs Linux and root' : false;

describe('the image of deploy/Dockerfile', { skip: cannot }, () => {
  let image: ImageConfig;
  let files: readonly string[];
  before(async () => {
    const { archive } = await workerImage();
    const read = (path: string): Promise<string> => run('tar', ['--extract', '--to-stdout', '--file', archive, path]);
    const [manifest] = JSON.parse(await read('manifest.json')) as { Config: string; Layers: string[] }[];
    assert.ok(manifest);
    image = JSON.parse(await read(manifest.Config)) as ImageConfig;
    const list = 'tar --extract --to-stdout --file "$1" "$2" | tar --list';
    const layers = manifest.Layers.map((layer) => run('sh', ['-c', list, 'sh', archive, layer]));
    files = (await Promise.all(layers)).join('').split('\n');
  });

  const below = (folder: string): readonly string[] => files.filter((path) => path.startsWith(folder));

  it('is not root, and starts the worker without a shell', () => {
    const { User, Entrypoint, Cmd, WorkingDir } = image.config;
    assert.deepEqual(
      { User, Entrypoint, Cmd, WorkingDir },
      {
        User: '10001:0',
        Entrypoint: ['node'],
        Cmd: workerCommand.slice(1),
        WorkingDir: '/app',
      },
    );
  });

  it('has the programs of worker, executor and command line, and the workflows in one piece', () => {
    const [, bundle] = /^MSSQL_PITR_WORKFLOW_BUNDLE=\/(.*)$/m.exec(image.config.Env.join('\n')) ?? [];
    for (const path of ['app/worker/main.ts', 'app/activities/executor/main.ts', 'app/client/main.ts', bundle ?? '']) {
      assert.ok(files.includes(path), path);
    }
  });

  it('has them compiled already, for the user that it runs as', () => {
    assert.ok(below('app/dist/compiled/').some((path) => /-10001\/[0-9a-f]+$/.test(path)));
  });

  it('knows certificate authorities, which the slim base image does not', () => {
    assert.ok(files.includes('etc/ssl/certs/ca-certificates.crt'));
  });

  it('has nothing that is only for development', () => {
    for (const folder of ['app/node_modules/typescript/', 'app/node_modules/eslint/', 'app/worker/dev/', 'app/test/']) {
      assert.deepEqual(below(folder), []);
    }
    assert.deepEqual(
      files.filter((path) => path.startsWith('app/') && /\.(d\.[mc]?ts|map)$/.test(path)),
      [],
    );
    const releases = new Set(
      below('app/node_modules/@temporalio/core-bridge/releases/').map((path) => path.split('/')[5]),
    );
    releases.delete('');
    assert.equal(releases.size, 1);
  });
});
