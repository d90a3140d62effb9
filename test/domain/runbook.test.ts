import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderProgress, type Progress } from '../../workflows/domain/runbook.ts';

const progress: Progress = {
  title: 'Restore a → b at latest',
  facts: { 'target time': '2026-02-10T06:54:34.000Z' },
  steps: [
    {
      name: 'Plan',
      state: 'done',
      detail: '3 databases',
      startedAt: '2026-02-10T06:54:34.000Z',
      finishedAt: '2026-02-10T06:54:35.500Z',
    },
    { name: 'Verify', state: 'waiting', detail: '', startedAt: '', finishedAt: '' },
  ],
  databases: [{ name: 'db1', state: 'restoring', done: 1, of: 2 }],
};

test('the details are a Markdown table with a mark, words and seconds', () => {
  const text = renderProgress(progress);
  assert.match(text, /\| ✔ \| Plan \| 3 databases \| 1\.5 s \|/);
  assert.match(text, /\| ○ \| Verify \| {2}\| {2}\|/);
  assert.match(text, /\| db1 \| restoring \| ████░░░░ 1 of 2 \|/);
});

test('a database name cannot break out of its cell', () => {
  const text = renderProgress({ ...progress, databases: [{ name: 'a | b\n## c', state: 'x', done: 0, of: 0 }] });
  assert.match(text, /\| a \\\| b ## c \| x \|/);
});

test('a thousand databases stay below the 20 KB that the UI takes, whatever they are called', () => {
  for (const pad of ['x', '|', '🐟']) {
    const databases = Array.from({ length: 1000 }, (_, i) => ({
      name: `database-${i}`.padEnd(128, pad),
      state: 'at the target time',
      done: 1,
      of: 1,
    }));
    const text = renderProgress({ ...progress, databases });
    const rows = text.split('\n').filter((line) => line.startsWith('| database-')).length;
    assert.ok(Buffer.byteLength(text) < 20_000, `${Buffer.byteLength(text)} bytes`);
    assert.ok(text.endsWith(`| … and ${1000 - rows} more | ${1000 - rows} of them done | |`));
    assert.ok(rows > 20);
  }
});

test('databases that are still being restored come first, so that they are not cut off', () => {
  const databases = Array.from({ length: 1000 }, (_, i) => ({
    name: `db${i}`,
    state: i === 999 ? 'restoring' : 'at the target time',
    done: i === 999 ? 3 : 7,
    of: 7,
  }));
  const lines = renderProgress({ ...progress, databases }).split('\n');
  const first = lines.findIndex((line) => line.startsWith('| database |')) + 2;
  assert.match(lines[first] ?? '', /^\| db999 \| restoring /);
  assert.match(lines[first + 1] ?? '', /^\| db0 \| at the target time /);
});
