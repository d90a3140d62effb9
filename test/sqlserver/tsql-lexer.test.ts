import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError } from './contracts.ts';
import { tokenize } from './tsql/lexer.ts';

const kinds = (text: string, quotedIdentifier = true): string[] =>
  tokenize(text, { quotedIdentifier })
    .slice(0, -1)
    .map((token) => `${token.kind} ${token.value}`);

test('brackets and double quotes delimit identifiers, doubled closers stand for themselves', () => {
  assert.deepEqual(kinds('[a]]b] "c""d"'), ['quoted a]b', 'quoted c"d']);
});

test('with QUOTED_IDENTIFIER OFF double quotes delimit strings', () => {
  assert.deepEqual(kinds('"it""s"', false), ['string it"s']);
});

test('N before a quote makes a national string and is part of no name', () => {
  const [plain, national] = tokenize("'a''b' N'c'");
  assert.deepEqual([plain?.value, plain?.national, national?.value, national?.national], ["a'b", false, 'c', true]);
});

test('comments nest and count lines', () => {
  const [token] = tokenize('/* one /* two\n */ \n*/ -- three\n x');
  assert.deepEqual([token?.value, token?.line], ['x', 4]);
});

test('numbers keep the form that decides their type', () => {
  assert.deepEqual(kinds('1 1.5 .5 1. 1e3 1.5E-2 0xFf $12.5 £3'), [
    'number 1',
    'number 1.5',
    'number .5',
    'number 1.',
    'number 1e3',
    'number 1.5E-2',
    'hex Ff',
    'money 12.5',
    'money 3',
  ]);
});

test('variables, temporary tables and two-character operators are one token each', () => {
  assert.deepEqual(kinds('@a @@rowcount #t ##g <> >= !< += ::'), [
    'variable @a',
    'variable @@rowcount',
    'word #t',
    'word ##g',
    'operator <>',
    'operator >=',
    'operator !<',
    'operator +=',
    'operator ::',
  ]);
});

const failure = (text: string): { number: number; text: string; line: number | undefined } | undefined => {
  try {
    tokenize(text);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof SqlError);
    const [message] = error.messages;
    return message === undefined ? undefined : { number: message.number, text: message.text, line: message.line };
  }
};

test('an open string is 105, an open comment 113', () => {
  assert.deepEqual(failure("SELECT\n'abc"), {
    number: 105,
    text: "Unclosed quotation mark after the character string 'abc'.",
    line: 2,
  });
  assert.deepEqual(failure('/* x'), { number: 113, text: "Missing end comment mark '*/'.", line: 1 });
});

test('an identifier has at most 128 characters and at least one', () => {
  assert.equal(failure('a'.repeat(128)), undefined);
  assert.equal(failure('a'.repeat(129))?.number, 103);
  assert.equal(failure('[]')?.number, 1038);
});
