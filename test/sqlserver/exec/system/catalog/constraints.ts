import type { CheckDefinition, ForeignKeyDefinition, Table } from '../../../contracts.ts';
import { partId } from './identifiers.ts';
import { bracketed } from './expressions.ts';
import { indexesOf } from './indexes.ts';

export interface TableConstraint {
  readonly id: number;
  readonly name: string;
  readonly type: 'PK' | 'UQ' | 'D ' | 'C ' | 'F ';
  readonly definition?: string;
  readonly columnId?: number;
  readonly indexId?: number;
  readonly check?: CheckDefinition;
  readonly foreignKey?: ForeignKeyDefinition;
}

export function constraintsOf(table: Table): readonly TableConstraint[] {
  const { definition } = table;
  const id = (type: string, name: string): number => partId(table.id, type.trim(), name);
  const keys = indexesOf(table).flatMap((index): TableConstraint[] => {
    if (index.key === undefined || index.key.kind === 'index') return [];
    const type = index.key.kind === 'primary' ? 'PK' : 'UQ';
    return [{ id: id(type, index.key.name), name: index.key.name, type, indexId: index.id }];
  });
  const defaults = definition.columns.flatMap((column, i): TableConstraint[] => {
    if (column.defaultText === undefined) return [];
    const name = column.defaultName ?? unnamedDefault(table, column.name);
    return [{ id: id('D', name), name, type: 'D ', definition: bracketed(column.defaultText), columnId: i + 1 }];
  });
  const checks = definition.checks.map((check): TableConstraint => ({
    id: id('C', check.name),
    name: check.name,
    type: 'C ',
    definition: bracketed(check.text),
    check,
  }));
  const foreignKeys = definition.foreignKeys.map((foreignKey): TableConstraint => ({
    id: id('F', foreignKey.name),
    name: foreignKey.name,
    type: 'F ',
    foreignKey,
  }));
  return [...keys, ...defaults, ...checks, ...foreignKeys];
}

/** DF__table____colum__hex, as the server names a DEFAULT that the statement left without a name. */
function unnamedDefault(table: Table, column: string): string {
  const hash = partId(table.id, 'default', column).toString(16).toUpperCase();
  return `DF__${table.definition.name.slice(0, 9).padEnd(9, '_')}__${column.slice(0, 5).padEnd(5, '_')}__${hash}`;
}
