import type { SqlValue } from '../../contracts.ts';
import type { FrameBound, FunctionCall, WindowFrame } from '../../tsql/ast/expression.ts';
import { unsupported } from '../../tsql/errors.ts';
import { convertTo } from '../expression/arithmetic.ts';
import { compileExpression } from '../expression/compile.ts';
import type { Compiled, Run } from '../expression/compiled.ts';
import { PAUSE, Row, type Flow } from '../expression/row.ts';
import type { Scope, Slot } from '../expression/scope.ts';
import { comparator, compositeKey, hasher, nullsFirst, type Hasher } from '../types/compare.ts';
import { BIGINT, INT } from '../types/sqltype.ts';
import { resultOfAggregate } from '../expression/aggregate.ts';
import { makeAccumulator, type AggregateSpecification } from './aggregate.ts';
import type { SortKey } from './query.ts';

interface CompiledWindow {
  readonly name: string;
  readonly args: readonly Compiled[];
  readonly partition: readonly Compiled[];
  readonly hashers: readonly Hasher[];
  readonly order: readonly (SortKey & { readonly value: Compiled })[];
  readonly frame: WindowFrame | undefined;
  readonly specification: AggregateSpecification | undefined;
  readonly default: Compiled | undefined;
}

interface Item {
  readonly row: Row;
  readonly position: number;
  readonly keys: readonly SqlValue[];
}

const RANKING = new Set(['ROW_NUMBER', 'RANK', 'DENSE_RANK', 'NTILE']);
const OFFSET = new Set(['LAG', 'LEAD', 'FIRST_VALUE', 'LAST_VALUE']);

/** OVER clause (Transact-SQL): all rows of the block are here before the first result leaves. */
export function planWindows(slots: readonly Slot[], scope: Scope): (run: Run, rows: Flow<Row>) => Flow<Row> {
  const windows = slots.map(({ call }) => compileWindow(call, scope));
  const part = scope.sources.length + 1;
  return function* (run, rows) {
    const all: Row[] = [];
    for (const row of rows) {
      if (row === PAUSE) yield PAUSE;
      else all.push(row);
    }
    const results: SqlValue[][] = all.map(() => new Array<SqlValue>(windows.length).fill(null));
    for (let i = 0; i < windows.length; i += 1) {
      fill(windows[i] as CompiledWindow, all, run, (position, value) => {
        (results[position] as SqlValue[])[i] = value;
      });
      yield PAUSE;
    }
    for (let i = 0; i < all.length; i += 1) {
      const row = all[i] as Row;
      const parts = row.parts.slice();
      while (parts.length < part) parts.push([]);
      parts[part] = results[i] as SqlValue[];
      yield new Row(parts, row.outer, row.target);
    }
  };
}

function compileWindow(call: FunctionCall, scope: Scope): CompiledWindow {
  const name = (call.name[0] ?? '').toUpperCase();
  const over = call.over;
  const args = call.args.map((arg) => compileExpression(arg, scope));
  const partition = (over?.partitionBy ?? []).map((expression) => compileExpression(expression, scope));
  const order = (over?.orderBy ?? []).map(({ expression, descending }) => {
    const value = compileExpression(expression, scope);
    return { value, descending, compare: nullsFirst(comparator(value.type)) };
  });
  const aggregate = !RANKING.has(name) && !OFFSET.has(name);
  if (over?.frame?.unit === 'RANGE' && [over.frame.start, over.frame.end].some((bound) => 'count' in bound)) {
    throw unsupported('RANGE with an offset', call.line);
  }
  const [first] = args;
  const result =
    first === undefined
      ? name === 'COUNT_BIG'
        ? BIGINT
        : INT
      : aggregate
        ? resultOfAggregate(name, first)
        : first.type;
  const fallback = args[2];
  return {
    name,
    args,
    partition,
    hashers: partition.map((expression) => hasher(expression.type)),
    order,
    frame: over?.frame,
    specification: aggregate ? { name, distinct: call.distinct, argument: first?.type, result } : undefined,
    default: fallback === undefined || first === undefined ? undefined : convertTo(fallback, first.type),
  };
}

function fill(
  window: CompiledWindow,
  rows: readonly Row[],
  run: Run,
  set: (position: number, value: SqlValue) => void,
): void {
  const partitions = new Map<unknown, Item[]>();
  rows.forEach((row, position) => {
    const key =
      window.partition.length === 0
        ? 0
        : compositeKey(
            window.hashers,
            window.partition.map((value) => value.evaluate(row, run)),
          );
    const item = { row, position, keys: window.order.map(({ value }) => value.evaluate(row, run)) };
    const partition = partitions.get(key);
    if (partition === undefined) partitions.set(key, [item]);
    else partition.push(item);
  });
  const compare = (a: Item, b: Item): number => {
    for (let i = 0; i < window.order.length; i += 1) {
      const key = window.order[i] as SortKey;
      const order = key.compare(a.keys[i] as SqlValue, b.keys[i] as SqlValue);
      if (order !== 0) return key.descending ? -order : order;
    }
    return 0;
  };
  for (const items of partitions.values()) {
    if (window.order.length > 0) items.sort(compare);
    if (RANKING.has(window.name)) rank(window, items, compare, run, set);
    else if (OFFSET.has(window.name)) offset(window, items, compare, run, set);
    else aggregate(window, items, compare, run, set);
  }
}

type Compare = (a: Item, b: Item) => number;
type SetResult = (position: number, value: SqlValue) => void;

function rank(window: CompiledWindow, items: readonly Item[], compare: Compare, run: Run, set: SetResult): void {
  let position = 0;
  let dense = 0;
  const tiles = window.name === 'NTILE' ? Number(window.args[0]?.evaluate(items[0]?.row as Row, run) ?? 1) : 1;
  items.forEach((item, i) => {
    const previous = items[i - 1];
    if (previous === undefined || compare(previous, item) !== 0) {
      position = i + 1;
      dense += 1;
    }
    const number =
      window.name === 'ROW_NUMBER'
        ? i + 1
        : window.name === 'RANK'
          ? position
          : window.name === 'DENSE_RANK'
            ? dense
            : tile(i, items.length, tiles);
    set(item.position, BigInt(number));
  });
}

/** The first tiles are one row longer when the rows do not divide evenly. */
function tile(index: number, count: number, tiles: number): number {
  const small = Math.floor(count / tiles);
  const large = count % tiles;
  if (index < large * (small + 1)) return Math.floor(index / (small + 1)) + 1;
  return large + Math.floor((index - large * (small + 1)) / small) + 1;
}

function offset(window: CompiledWindow, items: readonly Item[], compare: Compare, run: Run, set: SetResult): void {
  const [value, distance] = window.args;
  items.forEach((item, i) => {
    const [start, end] = frameOf(window, items, i, compare);
    let from: Item | undefined;
    if (window.name === 'FIRST_VALUE') from = items[start];
    else if (window.name === 'LAST_VALUE') from = items[end];
    else {
      const by = distance === undefined ? 1 : Number(distance.evaluate(item.row, run));
      from = items[window.name === 'LAG' ? i - by : i + by];
    }
    const result =
      from === undefined ? (window.default?.evaluate(item.row, run) ?? null) : (value?.evaluate(from.row, run) ?? null);
    set(item.position, result);
  });
}

function aggregate(window: CompiledWindow, items: readonly Item[], compare: Compare, run: Run, set: SetResult): void {
  const { specification } = window;
  if (specification === undefined) return;
  const [argument] = window.args;
  const running = window.frame === undefined || window.frame.start.kind === 'unbounded preceding';
  let accumulator = makeAccumulator(specification);
  let added = 0;
  items.forEach((item, i) => {
    const [start, end] = frameOf(window, items, i, compare);
    if (!running) {
      accumulator = makeAccumulator(specification);
      added = Math.max(0, start);
    }
    for (; added <= end; added += 1) {
      const value = argument === undefined ? 1 : argument.evaluate((items[added] as Item).row, run);
      if (value !== null) accumulator.add(value);
    }
    set(item.position, accumulator.result());
  });
}

/** First and last index of the frame; without ORDER BY it is the partition, with it up to the current row's peers. */
function frameOf(
  window: CompiledWindow,
  items: readonly Item[],
  index: number,
  compare: Compare,
): readonly [number, number] {
  const { frame } = window;
  if (frame === undefined) return [0, window.order.length === 0 ? items.length - 1 : lastPeer(items, index, compare)];
  return [
    bound(frame.start, frame, items, index, compare, true),
    Math.min(items.length - 1, bound(frame.end, frame, items, index, compare, false)),
  ];
}

function bound(
  at: FrameBound,
  frame: WindowFrame,
  items: readonly Item[],
  index: number,
  compare: Compare,
  start: boolean,
): number {
  switch (at.kind) {
    case 'unbounded preceding':
      return 0;
    case 'unbounded following':
      return items.length - 1;
    case 'current':
      if (frame.unit === 'ROWS') return index;
      return start ? firstPeer(items, index, compare) : lastPeer(items, index, compare);
    case 'preceding':
      return index - at.count;
    case 'following':
      return index + at.count;
  }
}

function lastPeer(items: readonly Item[], index: number, compare: Compare): number {
  let at = index;
  while (at + 1 < items.length && compare(items[at + 1] as Item, items[index] as Item) === 0) at += 1;
  return at;
}

function firstPeer(items: readonly Item[], index: number, compare: Compare): number {
  let at = index;
  while (at > 0 && compare(items[at - 1] as Item, items[index] as Item) === 0) at -= 1;
  return at;
}
