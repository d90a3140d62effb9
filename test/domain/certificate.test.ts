import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rpoSeconds, rto } from '../../workflows/domain/certificate.ts';
import { at, log, ms } from './support/set.ts';

test('RPO is how long after the target the covering backup was finished', () => {
  const covering = log('10:10:00', 1, 2, { finishedAt: at('10:10:03') });
  assert.equal(rpoSeconds(ms('10:08:24'), covering), 99);
  assert.equal(rpoSeconds(ms('10:10:02.750'), covering), 0.25);
  assert.equal(rpoSeconds(ms('10:10:03.400'), covering), 0, 'header times are whole seconds');
});

test('RTO counts from the start of the work, and from the request', () => {
  const times = { requestedAt: at('10:00:00'), startedAt: at('10:00:19'), completedAt: at('10:00:31.500') };
  assert.deepEqual(rto(times), { rtoJobSeconds: 12.5, rtoEndToEndSeconds: 31.5 });
});
