import { styleText } from 'node:util';
import type { WriteLog } from '../log.ts';

/** Facts that say nothing to somebody who looks at a terminal. */
const noise = new Set([
  'sdkComponent',
  'taskQueue',
  'namespace',
  'workflowId',
  'runId',
  'isLocal',
  'taskToken',
  'identity',
]);

/** What the SDK says of its own life. */
const chatter = /^(Worker state changed|No Nexus services registered|Workflow bundle created)/;

/** The worker's log as lines for people; the JSON form is for collectors. */
export const writeTerminal: WriteLog = ({ time, level, message, ...facts }) => {
  if (level === 'INFO' && chatter.test(message)) return;
  const clock = new Date(time).toTimeString().slice(0, 8);
  const shown = Object.entries(facts)
    .filter(([key, value]) => !noise.has(key) && value !== undefined)
    .map(([key, value]) => `${key}=${value instanceof Error ? value.message : plain(value)}`);
  const style = level === 'ERROR' ? 'red' : level === 'WARN' ? 'yellow' : 'reset';
  process.stdout.write(`${styleText('dim', clock)} ${styleText(style, [message, ...shown].join('  '))}\n`);
};

function plain(value: unknown): string {
  return typeof value === 'string'
    ? value
    : JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
}
