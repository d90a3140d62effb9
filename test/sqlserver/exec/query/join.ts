import type { SqlType, SqlValue } from '../../contracts.ts';
import type { Compiled, Run, Test } from '../expression/compiled.ts';
import { unify } from '../expression/predicate.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import { compositeKey, hasher, type Hasher } from '../types/compare.ts';
import type { Operator } from './from.ts';

/** Values that stand for one side of a join that has no match. */
export type EmptySide = readonly { readonly index: number; readonly values: readonly SqlValue[] }[];

export interface HashKey {
  readonly type: SqlType;
  readonly left: Compiled;
  readonly right: Compiled;
  readonly hash: Hasher;
}

/** Both sides of an equality in the type they compare in. */
export function antiSafe(left: Compiled, right: Compiled): HashKey {
  const unified = unify(left, right);
  return { ...unified, hash: hasher(unified.type) };
}

interface JoinOptions {
  readonly left: Operator;
  readonly right: Operator;
  readonly tests: readonly Test[];
  /** Present for an outer join. */
  readonly empty: EmptySide | undefined;
  readonly rightSources: readonly number[];
}

function merge(left: Row, right: Row, sources: readonly number[]): Row {
  const parts = left.parts.slice();
  for (const source of sources) parts[source] = right.parts[source] as readonly SqlValue[];
  return new Row(parts, left.outer, left.target ?? right.target);
}

function withEmpty(row: Row, empty: EmptySide): Row {
  const parts = row.parts.slice();
  for (const { index, values } of empty) parts[index] = values;
  return new Row(parts, row.outer, row.target);
}

function passes(tests: readonly Test[], row: Row, run: Run): boolean {
  for (const test of tests) if (test(row, run) !== true) return false;
  return true;
}

/** The right side runs once for each left row: APPLY, and seeks by values of the left row. */
export function lookupJoin(left: Operator, right: Operator, empty: EmptySide | undefined): Operator {
  return function* (run, base) {
    for (const row of left(run, base)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      let matched = false;
      for (const joined of right(run, row)) {
        if (joined !== PAUSE) matched = true;
        yield joined;
      }
      if (!matched && empty !== undefined) yield withEmpty(row, empty);
    }
  };
}

export function loopJoin({ left, right, tests, empty, rightSources }: JoinOptions): Operator {
  return function* (run, base) {
    const inner: Row[] = [];
    for (const row of right(run, base)) {
      if (row === PAUSE) yield PAUSE;
      else inner.push(row);
    }
    let count = 0;
    for (const row of left(run, base)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      let matched = false;
      for (const other of inner) {
        if (++count % 2048 === 0) yield PAUSE;
        const joined = merge(row, other, rightSources);
        if (!passes(tests, joined, run)) continue;
        matched = true;
        yield joined;
      }
      if (!matched && empty !== undefined) yield withEmpty(row, empty);
    }
  };
}

export function hashJoin(options: JoinOptions & { readonly keys: readonly HashKey[] }): Operator {
  const { left, right, tests, empty, rightSources, keys } = options;
  const hashers = keys.map((key) => key.hash);
  const keyOf = (row: Row, run: Run, side: 'left' | 'right'): ReturnType<typeof compositeKey> | undefined => {
    const values: SqlValue[] = [];
    for (const key of keys) {
      const value = key[side].evaluate(row, run);
      // NULL equals nothing.
      if (value === null) return undefined;
      values.push(value);
    }
    return compositeKey(hashers, values);
  };
  return function* (run, base) {
    const buckets = new Map<ReturnType<typeof compositeKey>, Row[]>();
    for (const row of right(run, base)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key = keyOf(row, run, 'right');
      if (key === undefined) continue;
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [row]);
      else bucket.push(row);
    }
    for (const row of left(run, base)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key = keyOf(row, run, 'left');
      let matched = false;
      for (const other of (key === undefined ? undefined : buckets.get(key)) ?? []) {
        const joined = merge(row, other, rightSources);
        if (!passes(tests, joined, run)) continue;
        matched = true;
        yield joined;
      }
      if (!matched && empty !== undefined) yield withEmpty(row, empty);
    }
  };
}

export function fullJoin(options: {
  readonly left: Operator;
  readonly right: Operator;
  readonly tests: readonly Test[];
  readonly rightSources: readonly number[];
  readonly emptyLeft: EmptySide;
  readonly emptyRight: EmptySide;
}): Operator {
  const { left, right, tests, rightSources, emptyLeft, emptyRight } = options;
  return function* (run, base): Flow<Row> {
    const inner: Row[] = [];
    for (const row of right(run, base)) if (row !== PAUSE) inner.push(row);
    const matched = new Set<Row>();
    for (const row of left(run, base)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      let any = false;
      for (const other of inner) {
        const joined = merge(row, other, rightSources);
        if (!passes(tests, joined, run)) continue;
        any = true;
        matched.add(other);
        yield joined;
      }
      if (!any) yield withEmpty(row, emptyRight);
    }
    for (const row of inner) if (!matched.has(row)) yield withEmpty(row, emptyLeft);
  };
}
