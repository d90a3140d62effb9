import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { chartFolder, helm, renderText, type Chart } from './helm.ts';
import { documentedValues, pitrValues } from './readme.ts';

type Tree = Readonly<Record<string, unknown>>;

const valid: Readonly<Record<Chart, object>> = { 'mssql-helm': { acceptEula: 'Y' }, 'mssql-pitr': pitrValues() };

for (const chart of Object.keys(valid) as Chart[]) {
  describe(`values of ${chart}`, () => {
    const read = async (name: string): Promise<string> => readFile(join(chartFolder(chart), name), 'utf8');

    it('are all in the table of the README, with their defaults', async () => {
      const values = parse(await read('values.yaml')) as Tree;
      const documented = documentedValues(chart);
      const sections = documented.filter((row) => row.default === null).map(({ key }) => key);
      const leaves = leavesOf(values, sections);
      assert.deepEqual(
        documented.map(({ key }) => key),
        leaves.map(([key]) => key),
      );
      for (const [i, { key, default: text }] of documented.entries()) {
        if (text !== null) assert.deepEqual(parse(text), leaves[i]?.[1], key);
      }
    });

    it('are all in the schema, which knows no others', async () => {
      const schema = JSON.parse(await read('values.schema.json')) as Schema;
      assert.deepEqual(unknownTo(schema, parse(await read('values.yaml')) as Tree), []);
      await assert.rejects(renderValues(chart, { ...valid[chart], imgae: 'typo' }), /imgae/);
    });

    it('pass the strict lint as they are, and as they are used', async () => {
      await helm(['lint', '--strict', chartFolder(chart)]);
      await helm(['lint', '--strict', chartFolder(chart), '--values', '-'], JSON.stringify(valid[chart]));
    });
  });
}

describe('what a chart refuses, and why', () => {
  const refused: readonly (readonly [string, Chart, object, RegExp])[] = [
    ['SQL Server without its licence', 'mssql-helm', {}, /licence/],
    ['root', 'mssql-helm', { acceptEula: 'Y', podSecurityContext: { runAsUser: 0 } }, /runAsUser/],
    ['a worker without instances', 'mssql-pitr', { ...pitrValues(), config: { stores: {} } }, /at least one/],
    ['a worker that is not told where Temporal is', 'mssql-pitr', { ...pitrValues(), temporal: null }, /temporal/i],
    [
      'a password in the settings',
      'mssql-pitr',
      { config: { instances: { 'mssql-rt': { login: { password: 'Secret-1' } } } }, temporal: { address: 't:7233' } },
      /password.*want object/,
    ],
    [
      'a grace period that cuts off the worker',
      'mssql-pitr',
      { ...pitrValues(), terminationGracePeriodSeconds: 20 },
      /terminationGracePeriodSeconds/,
    ],
  ];
  for (const [what, chart, values, why] of refused) {
    it(what, () => assert.rejects(renderValues(chart, values), why));
  }
});

function renderValues(chart: Chart, values: object): Promise<string> {
  return renderText({ chart, release: 'some', namespace: 'some', values });
}

/** What a user can set, by its path. Below a section that is documented as a whole nothing is looked at. */
function leavesOf(tree: Tree, sections: readonly string[], prefix = ''): readonly (readonly [string, unknown])[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const key = `${prefix}${name}`;
    const inner = isTree(value) && Object.keys(value).length > 0 && !sections.includes(key);
    return inner ? leavesOf(value, sections, `${key}.`) : [[key, value] as const];
  });
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

/** Values that the schema does not name, and sections of it in which a misspelt key would go unnoticed. */
function unknownTo(schema: Schema, tree: Tree, prefix = ''): readonly string[] {
  const open = schema.additionalProperties === false ? [] : [`${prefix}*`];
  return Object.entries(tree).reduce<readonly string[]>((found, [name, value]) => {
    const known = schema.properties?.[name];
    if (known === undefined) return [...found, `${prefix}${name}`];
    return isTree(value) && known.additionalProperties === false
      ? [...found, ...unknownTo(known, value, `${prefix}${name}.`)]
      : found;
  }, open);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
