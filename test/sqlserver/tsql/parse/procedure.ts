import type { Expression } from '../ast/expression.ts';
import type { CreateModuleStatement, ExecuteArgument, ExecuteStatement, ProcedureParameter } from '../ast/procedure.ts';
import type { Statement } from '../ast/statement.ts';
import { syntaxError, unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { parseExpression } from './expression.ts';
import { stringLiteral, toLiteral } from './literal.ts';
import type { Parser } from './parser.ts';
import { parseColumnNames, parseQuery } from './query.ts';
import { span } from './span.ts';
import { parseStatements } from './statement.ts';
import { parseType } from './type.ts';

/** EXEC, or a bare procedure name at the start of a batch. */
export function parseExecute(p: Parser): ExecuteStatement {
  const start = p.token;
  p.accept('EXEC', 'EXECUTE');
  if (p.isOperator('(')) return parseExecuteText(p, start);
  if (p.is('AS')) throw unsupported('EXECUTE AS', start.line);
  let returnVariable: string | undefined;
  if (p.token.kind === 'variable' && p.peek().text === '=') {
    returnVariable = p.useScalar(p.next(), true);
    p.expectOperator('=');
  }
  let module: ExecuteStatement['module'];
  if (p.token.kind === 'variable') {
    module = { kind: 'variable', name: p.useScalar(p.next()) };
  } else {
    module = { kind: 'procedure', name: p.objectName() };
    if (p.acceptOperator(';')) {
      // `proc;1` names a numbered procedure, `proc;` just ends the statement.
      if (p.token.kind === 'number') throw unsupported('numbered procedures', start.line);
      return finish(p, start, module, [], returnVariable);
    }
  }
  return finish(p, start, module, parseArguments(p), returnVariable);
}

function finish(
  p: Parser,
  start: Token,
  module: ExecuteStatement['module'],
  args: readonly ExecuteArgument[],
  returnVariable: string | undefined,
): ExecuteStatement {
  if (p.is('WITH') && ['RECOMPILE', 'RESULT'].includes(p.peek().keyword)) {
    if (p.peek().keyword === 'RESULT') throw unsupported('WITH RESULT SETS', start.line);
    p.acceptSequence('WITH', 'RECOMPILE');
  }
  return {
    kind: 'execute',
    module,
    args,
    ...(returnVariable === undefined ? {} : { returnVariable }),
    ...span(p, start),
  };
}

function parseExecuteText(p: Parser, start: Token): ExecuteStatement {
  p.expectOperator('(');
  const text = parseExpression(p);
  if (p.isOperator(',')) throw unsupported('EXEC (…) with parameters', start.line);
  p.expectOperator(')');
  if (p.is('AT', 'AS')) throw unsupported(`EXEC (…) ${p.token.keyword}`, start.line);
  return { kind: 'execute', module: { kind: 'text', text }, args: [], ...span(p, start) };
}

function parseArguments(p: Parser): ExecuteArgument[] {
  const args: ExecuteArgument[] = [];
  if (!startsArgument(p)) return args;
  do {
    let name: string | undefined;
    if (p.token.kind === 'variable' && p.peek().kind === 'operator' && p.peek().text === '=') {
      name = p.next().value;
      p.expectOperator('=');
    }
    const value = parseArgument(p);
    const output = p.accept('OUTPUT', 'OUT');
    args.push({ output, ...(name === undefined ? {} : { name }), ...(value === undefined ? {} : { value }) });
  } while (p.acceptOperator(','));
  return args;
}

function startsArgument(p: Parser): boolean {
  const token = p.token;
  if (token.kind === 'operator') return token.text === '-' || token.text === '+';
  if (token.kind === 'end') return false;
  if (token.kind === 'word') return p.isIdentifier() || p.is('NULL', 'DEFAULT', 'ON', 'OFF');
  return true;
}

/** A constant, a variable, NULL, DEFAULT (undefined), or a bare word that means a string. */
function parseArgument(p: Parser): Expression | undefined {
  const token = p.token;
  if (p.accept('DEFAULT')) return undefined;
  if (p.accept('NULL')) return { kind: 'null' };
  if (token.kind === 'variable') {
    p.next();
    if (token.value.startsWith('@@')) return { kind: 'global', name: token.value.toUpperCase(), line: token.line };
    return { kind: 'variable', name: p.useScalar(token) };
  }
  if (p.isOperator('-', '+')) {
    const sign = p.next().text;
    if (!['number', 'money'].includes(p.token.kind)) throw p.fail();
    const operand = toLiteral(p.next());
    return sign === '-' ? { kind: 'negate', operand } : operand;
  }
  if (token.kind === 'word' || token.kind === 'quoted') {
    if (!p.isIdentifier() && !p.is('ON', 'OFF')) throw p.fail();
    const parts = p.is('ON', 'OFF') ? [p.next().value] : p.nameParts();
    return stringLiteral(parts.join('.'), true);
  }
  if (token.kind === 'operator' || token.kind === 'end') throw p.fail();
  p.next();
  return toLiteral(token);
}

// -------------------------------------------------------------------------------------------- CREATE PROCEDURE, VIEW

export function parseCreateModule(p: Parser, start: Token, mode: CreateModuleStatement['mode']): CreateModuleStatement {
  const word = p.next().keyword;
  const module = word === 'VIEW' ? 'view' : 'procedure';
  if (start !== p.tokens[0]) {
    const what = `${mode.startsWith('alter') ? 'ALTER' : 'CREATE'}${mode === 'create or alter' ? '/ALTER' : ''} ${module === 'view' ? 'VIEW' : 'PROCEDURE'}`;
    throw syntaxError(111, `'${what}' must be the first statement in a query batch.`, start.line);
  }
  const name = p.objectName();
  return module === 'view' ? parseView(p, start, mode, name) : parseProcedure(p, start, mode, name);
}

function parseView(
  p: Parser,
  start: Token,
  mode: CreateModuleStatement['mode'],
  name: CreateModuleStatement['name'],
): CreateModuleStatement {
  const columns = p.isOperator('(') ? parseColumnNames(p) : undefined;
  skipModuleOptions(p);
  p.expect('AS');
  const from = p.token;
  const query = parseQuery(p);
  if (p.acceptSequence('WITH', 'CHECK')) p.expect('OPTION');
  p.acceptOperator(';');
  const body: Statement = { kind: 'select', query, ...span(p, from) };
  return {
    kind: 'create module',
    module: 'view',
    mode,
    name,
    parameters: [],
    body: [body],
    declarations: { scalars: new Map(), tables: new Map() },
    text: p.text,
    ...(columns === undefined ? {} : { columns }),
    ...span(p, start),
  };
}

function parseProcedure(
  p: Parser,
  start: Token,
  mode: CreateModuleStatement['mode'],
  name: CreateModuleStatement['name'],
): CreateModuleStatement {
  p.scalars = new Map();
  p.tables = new Map();
  const parenthesis = p.acceptOperator('(');
  const parameters: ProcedureParameter[] = [];
  if (p.token.kind === 'variable') {
    do parameters.push(parseParameter(p));
    while (p.acceptOperator(','));
  }
  if (parenthesis) p.expectOperator(')');
  skipModuleOptions(p);
  if (p.acceptSequence('FOR', 'REPLICATION')) throw unsupported('FOR REPLICATION', start.line);
  p.expect('AS');
  if (p.is('EXTERNAL')) throw unsupported('EXTERNAL NAME', start.line);
  const body = parseStatements(p, () => p.token.kind === 'end');
  return {
    kind: 'create module',
    module: 'procedure',
    mode,
    name,
    parameters,
    body,
    declarations: { scalars: p.scalars, tables: p.tables },
    text: p.text,
    ...span(p, start),
  };
}

export function parseParameter(p: Parser): ProcedureParameter {
  if (p.token.kind !== 'variable') throw p.fail();
  const token = p.next();
  p.accept('AS');
  const type = parseType(p);
  p.declareScalar(token.value, type, token.line);
  const defaultValue = p.acceptOperator('=') ? parseArgument(p) : undefined;
  const output = p.accept('OUTPUT', 'OUT');
  p.accept('READONLY');
  return { name: token.value, type, output, ...(defaultValue === undefined ? {} : { defaultValue }) };
}

function skipModuleOptions(p: Parser): void {
  if (!p.is('WITH')) return;
  p.next();
  do {
    if (p.is('EXEC', 'EXECUTE')) {
      p.next();
      p.expect('AS');
      p.next();
    } else if (p.is('ENCRYPTION', 'RECOMPILE', 'SCHEMABINDING', 'VIEW_METADATA')) {
      p.next();
    } else {
      throw p.fail();
    }
  } while (p.acceptOperator(','));
}
