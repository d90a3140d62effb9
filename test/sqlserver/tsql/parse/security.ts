import type { LoginStatement, PermissionStatement, RoleStatement, UserStatement } from '../ast/security.ts';
import { unsupported } from '../errors.ts';
import type { Token } from '../token.ts';
import { toObjectName, type Parser } from './parser.ts';
import { parseColumnNames } from './query.ts';
import { span } from './span.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function parseLogin(p: Parser, start: Token, action: 'create' | 'alter'): LoginStatement {
  p.expect('LOGIN');
  const login: Mutable<Omit<LoginStatement, 'line' | 'start' | 'end'>> = {
    kind: 'login',
    action,
    name: p.identifier(),
  };
  if (p.accept('ENABLE')) login.disabled = false;
  else if (p.accept('DISABLE')) login.disabled = true;
  else if (p.is('FROM')) throw unsupported('CREATE LOGIN … FROM', start.line);
  else if (p.is('ADD', 'DROP')) throw unsupported('ALTER LOGIN … CREDENTIAL', start.line);
  else {
    p.expect('WITH');
    do parseLoginOption(p, login);
    while (p.acceptOperator(','));
  }
  return { ...login, ...span(p, start) };
}

function parseLoginOption(p: Parser, login: Mutable<Omit<LoginStatement, 'line' | 'start' | 'end'>>): void {
  const option = p.next();
  p.expectOperator('=');
  switch (option.keyword) {
    case 'PASSWORD':
      if (p.token.kind === 'hex') {
        login.hashedPassword = p.next().value.toUpperCase();
        p.expect('HASHED');
      } else if (p.token.kind === 'string') {
        login.password = p.next().value;
        if (p.is('HASHED')) p.next();
      } else {
        throw p.fail();
      }
      while (p.is('MUST_CHANGE', 'UNLOCK')) p.next();
      if (p.accept('OLD_PASSWORD')) {
        p.expectOperator('=');
        p.next();
      }
      return;
    case 'OLD_PASSWORD':
      p.next();
      return;
    case 'SID':
      if (p.token.kind !== 'hex') throw p.fail();
      login.sid = p.next().value.toUpperCase();
      return;
    case 'DEFAULT_DATABASE':
      login.defaultDatabase = p.identifier();
      return;
    case 'DEFAULT_LANGUAGE':
      p.next();
      return;
    case 'CHECK_POLICY':
    case 'CHECK_EXPIRATION':
      p.expect('ON', 'OFF');
      return;
    case 'NAME':
      login.newName = p.identifier();
      return;
    case 'CREDENTIAL':
      throw unsupported('CREATE LOGIN … CREDENTIAL', option.line);
    default:
      throw p.fail(option);
  }
}

export function parseUser(p: Parser, start: Token, action: 'create' | 'alter'): UserStatement {
  p.expect('USER');
  const user: Mutable<Omit<UserStatement, 'line' | 'start' | 'end'>> = { kind: 'user', action, name: p.identifier() };
  if (p.accept('FOR', 'FROM')) {
    if (!p.is('LOGIN')) throw unsupported(`CREATE USER … FROM ${p.token.keyword}`, start.line);
    p.next();
    user.login = p.identifier();
  } else if (p.acceptSequence('WITHOUT', 'LOGIN')) {
    user.login = null;
  }
  if (p.accept('WITH')) {
    do {
      const option = p.next();
      p.expectOperator('=');
      if (option.keyword === 'DEFAULT_SCHEMA') user.defaultSchema = p.is('NULL') ? (p.next(), 'dbo') : p.identifier();
      else if (option.keyword === 'LOGIN') user.login = p.identifier();
      else if (option.keyword === 'NAME') user.newName = p.identifier();
      else if (option.keyword === 'DEFAULT_LANGUAGE' || option.keyword === 'ALLOW_ENCRYPTED_VALUE_MODIFICATIONS')
        p.next();
      else if (option.keyword === 'PASSWORD') throw unsupported('contained database users', option.line);
      else throw p.fail(option);
    } while (p.acceptOperator(','));
  }
  return { ...user, ...span(p, start) };
}

/** CREATE ROLE, ALTER [SERVER] ROLE … ADD | DROP MEMBER */
export function parseRole(p: Parser, start: Token, action: 'create' | 'alter'): RoleStatement {
  const server = p.accept('SERVER');
  p.expect('ROLE');
  const role = p.identifier();
  if (action === 'create') {
    if (server) throw unsupported('CREATE SERVER ROLE', start.line);
    if (p.accept('AUTHORIZATION')) p.identifier();
    return { kind: 'role', action: 'create', server, role, ...span(p, start) };
  }
  if (p.is('WITH')) throw unsupported('ALTER ROLE … WITH NAME', start.line);
  const verb = p.expect('ADD', 'DROP').keyword;
  p.expect('MEMBER');
  const member = p.identifier();
  return {
    kind: 'role',
    action: verb === 'ADD' ? 'add member' : 'drop member',
    server,
    role,
    member,
    ...span(p, start),
  };
}

export function parsePermission(p: Parser): PermissionStatement {
  const start = p.next();
  const action = start.keyword as PermissionStatement['action'];
  p.acceptSequence('GRANT', 'OPTION', 'FOR');
  const permissions: string[] = [];
  do {
    const words: string[] = [];
    while (!p.is('ON', 'TO', 'FROM') && !p.isOperator(',', '(')) {
      if (p.token.kind !== 'word') throw p.fail();
      words.push(p.next().keyword);
    }
    if (words.length === 0) throw p.fail();
    if (p.isOperator('(')) parseColumnNames(p);
    permissions.push(words.join(' ').replace(/^EXEC$/, 'EXECUTE'));
  } while (p.acceptOperator(','));
  let securable: PermissionStatement['securable'];
  if (p.accept('ON')) securable = parseSecurable(p);
  p.expect(action === 'REVOKE' ? (p.is('FROM') ? 'FROM' : 'TO') : 'TO');
  const principals: string[] = [];
  do principals.push(p.is('PUBLIC') ? p.next().value : p.identifier());
  while (p.acceptOperator(','));
  p.acceptSequence('WITH', 'GRANT', 'OPTION');
  p.accept('CASCADE');
  if (p.accept('AS')) p.identifier();
  return {
    kind: 'permission',
    action,
    permissions,
    principals,
    ...(securable === undefined ? {} : { securable }),
    ...span(p, start),
  };
}

function parseSecurable(p: Parser): NonNullable<PermissionStatement['securable']> {
  let type = 'OBJECT';
  const words: string[] = [];
  let distance = 0;
  while (p.peek(distance).kind === 'word' && distance < 3) {
    words.push(p.peek(distance).keyword);
    distance += 1;
    if (p.peek(distance).text === '::') {
      type = words.join(' ');
      for (let i = 0; i <= distance; i += 1) p.next();
      break;
    }
  }
  return { type, name: toObjectName(p.nameParts()) };
}
