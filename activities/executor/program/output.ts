import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ApplicationFailure } from '@temporalio/common';
import { failures, type FailureType } from '../../../workflows/domain/failures.ts';
import { failureType } from '../../failure.ts';
import type { TaskProgress } from '../tasks.ts';

/**
 * What the program says: one JSON object a line on stdout, for people and log collectors as well as for the worker, which
 * reads the pod's log. A result may be larger than a line of a log can be (16 KB in containerd's files), so it is cut.
 */
export type OutputLine = { readonly time: string } & (
  | { readonly kind: 'message'; readonly message: string }
  | { readonly kind: 'progress'; readonly progress: TaskProgress }
  | { readonly kind: 'result'; readonly result: unknown }
  | {
      readonly kind: 'part';
      readonly part: number;
      readonly of: number;
      /** Of the JSON text, the same on every part. */
      readonly sha256: string;
      readonly gzip: string;
    }
  | { readonly kind: 'failure'; readonly failure: TaskFailure }
);

/** A line before it has its time. */
export type Said<L = OutputLine> = L extends OutputLine ? Omit<L, 'time'> : never;

export interface TaskFailure {
  /** Null for a fault of the program. */
  readonly type: FailureType | null;
  readonly message: string;
  readonly details: readonly unknown[];
}

export type Outcome =
  { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly failure: TaskFailure };

const mostInLine = 8 * 1024;
/** A kubelet turns a log over at ten megabytes, and then shows only what comes after. */
const mostEncoded = 6 * 1024 * 1024;

/** The lines of a result. */
export function resultLines(result: unknown): readonly Said[] {
  const json = JSON.stringify(result);
  if (json.length <= mostInLine) return [{ kind: 'result', result }];
  const gzip = gzipSync(json).toString('base64');
  if (gzip.length > mostEncoded) throw new Error(`A result of ${gzip.length} characters does not fit into a log`);
  const sha256 = digestOf(json);
  const of = Math.ceil(gzip.length / mostInLine);
  return Array.from({ length: of }, (_, i) => {
    return { kind: 'part', part: i + 1, of, sha256, gzip: gzip.slice(i * mostInLine, (i + 1) * mostInLine) };
  });
}

/** What is told of an error: a failure with its type, anything else as a fault. */
export function taskFailure(error: unknown): TaskFailure {
  const type = failureType(error);
  if (type === null)
    return { type, message: error instanceof Error ? (error.stack ?? error.message) : String(error), details: [] };
  const { message, details } = error as ApplicationFailure;
  return { type, message, details: details ?? [] };
}

/** The failure again, in the worker. */
export function revivedFailure({ type, message, details }: TaskFailure & { readonly type: FailureType }): Error {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: !failures[type].retryable,
    ...(details.length > 0 ? { details: [...details] } : {}),
  });
}

export interface OutputReader {
  /** Takes a line, also one twice; gives the progress that it tells of. */
  take(line: string): TaskProgress | null;
  /** Null as long as it is not whole. */
  outcome(): Outcome | null;
}

/** Puts together what a program says, line by line. Lines of others (Node's warnings) are passed over. */
export function openReader(): OutputReader {
  const parts = new Map<number, string>();
  let outcome: Outcome | null = null;
  return {
    take(text) {
      const line = parsed(text);
      switch (line?.kind) {
        case 'progress':
          return line.progress;
        case 'result':
          outcome = { ok: true, result: line.result };
          break;
        case 'failure':
          outcome = { ok: false, failure: line.failure };
          break;
        case 'part':
          parts.set(line.part, line.gzip);
          if (parts.size === line.of) outcome = { ok: true, result: joined(parts, line.sha256) };
          break;
        case 'message':
        case undefined:
          break;
      }
      return null;
    },
    outcome: () => outcome,
  };
}

function parsed(text: string): OutputLine | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as OutputLine;
  } catch {
    return null;
  }
}

function joined(parts: ReadonlyMap<number, string>, sha256: string): unknown {
  const gzip = [...parts].sort(([a], [b]) => a - b).map(([, text]) => text);
  const json = gunzipSync(Buffer.from(gzip.join(''), 'base64')).toString('utf8');
  if (digestOf(json) !== sha256) throw new Error('The result in the log is not what its digest says');
  return JSON.parse(json);
}

function digestOf(json: string): string {
  return createHash('sha256').update(json).digest('hex');
}
