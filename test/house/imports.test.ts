import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { findCycles, folders, importsOf, readGraph, root } from './import-graph.ts';
import { violation, type Import } from './import-rules.ts';

describe('the import graph', () => {
  let graph: ReturnType<typeof readGraph>;
  before(() => {
    graph = readGraph();
  });

  it('keeps every folder to what it may import', () => {
    assert.deepEqual(graph.imports.map(violation).filter(Boolean), []);
  });

  // The simulator in test/ parses by recursive descent: there, rings are the grammar's own.
  it('has no ring of files that import each other', () => {
    assert.deepEqual(findCycles(graph.imports.filter(({ from }) => !from.startsWith('test/'))), []);
  });

  it('leads to files that are there', () => {
    const gone = graph.imports.filter(({ to }) => /^\.\.|\.ts$/.test(to) && !existsSync(join(root, to)));
    assert.deepEqual(gone, []);
  });

  it('was really read', () => {
    for (const folder of folders)
      assert.ok(
        graph.files.some((file) => file.startsWith(`${folder}/`)),
        folder,
      );
    assert.ok(graph.imports.some(({ from, to }) => from === 'worker/main.ts' && to === 'client/config.ts'));
  });
});

describe('the import rules', () => {
  const value = (from: string, to: string): Import => ({ from, to, typeOnly: false });
  const type = (from: string, to: string): Import => ({ from, to, typeOnly: true });

  it('refuse what would break an execution context', () => {
    for (const wrong of [
      value('workflows/domain/a.ts', 'workflows/contracts.ts'),
      type('workflows/domain/a.ts', '@temporalio/common'),
      value('workflows/domain/a.ts', 'node:path'),
      value('workflows/a.ts', 'node:crypto'),
      value('workflows/a.ts', 'zod'),
      type('workflows/a.ts', 'activities/index.ts'),
      value('activities/a.ts', '@temporalio/workflow'),
      value('activities/a.ts', 'workflows/index.ts'),
      value('activities/a.ts', 'client/config.ts'),
      value('client/a.ts', 'workflows/index.ts'),
      value('client/a.ts', '@temporalio/worker/lib/worker.js'),
      type('client/a.ts', 'worker/run.ts'),
      value('worker/a.ts', 'client/connect.ts'),
      type('worker/a.ts', 'test/support/temporal.ts'),
      value('other/a.ts', 'node:fs'),
    ]) {
      assert.notEqual(violation(wrong), null, JSON.stringify(wrong));
    }
  });

  it('let through what each context needs', () => {
    for (const right of [
      value('workflows/domain/a.ts', 'workflows/domain/b.ts'),
      value('workflows/a.ts', '@temporalio/workflow'),
      value('activities/a.ts', 'mssql'),
      value('activities/a.ts', 'workflows/domain/b.ts'),
      type('client/a.ts', 'workflows/index.ts'),
      value('client/a.ts', '@temporalio/client'),
      value('worker/a.ts', 'client/config.ts'),
      value('test/a.ts', 'worker/run.ts'),
    ]) {
      assert.equal(violation(right), null, JSON.stringify(right));
    }
  });

  it('see every form of import', () => {
    const text = `
      import type { A } from './a.ts';
      import { type B } from './b.ts';
      import { type C, c } from './c.ts';
      import './d.ts';
      export * from './e.ts';
      export type { F } from './f.ts';
      let g: import('./g.ts').G;
      await import('./h.ts');
      spawn(new URL('./i.ts', import.meta.url));
      import x, { type J } from 'j';`;
    const found = importsOf('client/x.ts', text).map(({ to, typeOnly }) => [to.replace('client/', ''), typeOnly]);
    assert.deepEqual(Object.fromEntries(found), {
      'a.ts': true,
      'b.ts': true,
      'c.ts': false,
      'd.ts': false,
      'e.ts': false,
      'f.ts': true,
      'g.ts': true,
      'h.ts': false,
      'i.ts': false,
      j: false,
    });
  });

  it('find a ring, and none where only types go round', () => {
    const ring = [value('a.ts', 'b.ts'), value('b.ts', 'c.ts'), value('c.ts', 'b.ts')];
    assert.deepEqual(findCycles(ring), [['b.ts', 'c.ts', 'b.ts']]);
    assert.deepEqual(findCycles([value('a.ts', 'b.ts'), type('b.ts', 'a.ts')]), []);
  });
});

describe('the top of the repository', () => {
  it('holds nothing but what belongs there', () => {
    const belongs = new Set([
      ...['workflows', 'activities', 'worker', 'client', 'test', 'docs', 'examples', 'deploy'],
      ...['package.json', 'package-lock.json', 'tsconfig.json', 'temporal.yaml', 'eslint.config.js', 'knip.json'],
      ...['README.md', 'CHANGELOG.md', 'LICENSE', '.gitignore', '.prettierignore', '.prettierrc.json', '.nvmrc', '.ci'],
      // Not in the repository: made by git, npm and runs.
      ...['.git', 'node_modules', '.data'],
    ]);
    assert.deepEqual(
      readdirSync(root).filter((name) => !belongs.has(name) && !name.endsWith('.log')),
      [],
    );
  });
});
