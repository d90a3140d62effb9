import type { Expression, FrameBound, WindowFrame, WindowSpecification } from '../ast/expression.ts';
import type { OrderItem } from '../ast/query.ts';
import { unsupported } from '../errors.ts';
import { parseExpression } from './expression.ts';
import type { Parser } from './parser.ts';

export function parseCall(p: Parser, name: readonly string[], line: number): Expression {
  p.expectOperator('(');
  let star = false;
  let distinct = false;
  const args: Expression[] = [];
  if (p.isOperator('*') && p.peek().text === ')') {
    p.next();
    star = true;
  } else if (!p.isOperator(')')) {
    if (p.accept('DISTINCT')) distinct = true;
    else p.accept('ALL');
    do args.push(parseExpression(p));
    while (p.acceptOperator(','));
    // TRIM ( characters FROM string )
    if (name.length === 1 && name[0]?.toUpperCase() === 'TRIM' && p.accept('FROM')) args.unshift(parseExpression(p));
  }
  p.expectOperator(')');
  if (p.isSequence('IGNORE', 'NULLS')) throw unsupported('IGNORE NULLS', line);
  p.acceptSequence('RESPECT', 'NULLS');
  let within: readonly OrderItem[] | undefined;
  if (p.isSequence('WITHIN', 'GROUP')) {
    p.acceptSequence('WITHIN', 'GROUP');
    p.expectOperator('(');
    p.expect('ORDER');
    p.expect('BY');
    within = parseOrderItems(p);
    p.expectOperator(')');
  }
  const over = p.accept('OVER') ? parseWindow(p) : undefined;
  if (p.isOperator('.') && p.peek().kind !== 'operator') throw unsupported(`method ${p.peek().value}`, line);
  return {
    kind: 'call',
    name,
    args,
    star,
    distinct,
    line,
    ...(within === undefined ? {} : { within }),
    ...(over === undefined ? {} : { over }),
  };
}

export function parseOrderItems(p: Parser): OrderItem[] {
  const items: OrderItem[] = [];
  do {
    const expression = parseExpression(p);
    const descending = p.accept('DESC');
    if (!descending) p.accept('ASC');
    items.push({ expression, descending });
  } while (p.acceptOperator(','));
  return items;
}

function parseWindow(p: Parser): WindowSpecification {
  if (!p.isOperator('(')) throw unsupported('named WINDOW', p.token.line);
  p.expectOperator('(');
  const partitionBy: Expression[] = [];
  if (p.is('PARTITION')) {
    p.next();
    p.expect('BY');
    do partitionBy.push(parseExpression(p));
    while (p.acceptOperator(','));
  }
  let orderBy: readonly OrderItem[] = [];
  if (p.accept('ORDER')) {
    p.expect('BY');
    orderBy = parseOrderItems(p);
  }
  const frame = p.is('ROWS', 'RANGE') ? parseFrame(p) : undefined;
  p.expectOperator(')');
  return { partitionBy, orderBy, ...(frame === undefined ? {} : { frame }) };
}

function parseFrame(p: Parser): WindowFrame {
  const unit = p.next().keyword as 'ROWS' | 'RANGE';
  if (p.accept('BETWEEN')) {
    const start = parseBound(p);
    p.expect('AND');
    return { unit, start, end: parseBound(p) };
  }
  return { unit, start: parseBound(p), end: { kind: 'current' } };
}

function parseBound(p: Parser): FrameBound {
  if (p.accept('UNBOUNDED')) {
    return {
      kind: p.expect('PRECEDING', 'FOLLOWING').keyword === 'PRECEDING' ? 'unbounded preceding' : 'unbounded following',
    };
  }
  if (p.accept('CURRENT')) {
    p.expect('ROW');
    return { kind: 'current' };
  }
  if (p.token.kind !== 'number') throw p.fail();
  const count = Number(p.next().text);
  return { kind: p.expect('PRECEDING', 'FOLLOWING').keyword === 'PRECEDING' ? 'preceding' : 'following', count };
}
