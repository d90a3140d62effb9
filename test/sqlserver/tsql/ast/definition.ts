import type { SqlType } from '../../contracts.ts';
import type { StatementBase } from './base.ts';
import type { Expression } from './expression.ts';
import type { ObjectName } from './name.ts';

export interface KeyColumn {
  readonly name: string;
  readonly descending: boolean;
}

export interface ForeignKeyElement {
  readonly kind: 'foreign';
  readonly name?: string;
  readonly columns: readonly string[];
  readonly references: ObjectName;
  readonly referencedColumns: readonly string[];
}

export type TableElement =
  | {
      readonly kind: 'key';
      readonly name?: string;
      readonly key: 'primary' | 'unique' | 'index';
      readonly columns: readonly KeyColumn[];
    }
  | { readonly kind: 'check'; readonly name?: string; readonly text: string; readonly expression: Expression }
  | { readonly kind: 'default'; readonly name?: string; readonly text: string; readonly column: string }
  | ForeignKeyElement;

export interface ColumnElement {
  readonly kind: 'column';
  readonly name: string;
  /** undefined for a computed column. */
  readonly type?: SqlType;
  readonly nullable?: boolean;
  readonly identity?: { readonly seed: bigint; readonly increment: bigint };
  readonly defaultText?: string;
  readonly defaultName?: string;
  readonly computedText?: string;
  readonly computed?: Expression;
  readonly constraints: readonly TableElement[];
  readonly line: number;
}

export interface CreateTableStatement extends StatementBase {
  readonly kind: 'create table';
  readonly name: ObjectName;
  readonly elements: readonly (ColumnElement | TableElement)[];
}

export interface AlterTableStatement extends StatementBase {
  readonly kind: 'alter table';
  readonly name: ObjectName;
  readonly action:
    | { readonly kind: 'add'; readonly elements: readonly (ColumnElement | TableElement)[] }
    | { readonly kind: 'alter column'; readonly column: ColumnElement }
    | {
        readonly kind: 'drop';
        readonly items: readonly { readonly column: boolean; readonly name: string }[];
        readonly ifExists: boolean;
      }
    | { readonly kind: 'rebuild' };
}

export interface CreateIndexStatement extends StatementBase {
  readonly kind: 'create index';
  readonly name: string;
  readonly table: ObjectName;
  readonly unique: boolean;
  readonly columns: readonly KeyColumn[];
}

export interface DropStatement extends StatementBase {
  readonly kind: 'drop';
  readonly object:
    'TABLE' | 'VIEW' | 'PROCEDURE' | 'FUNCTION' | 'TRIGGER' | 'SCHEMA' | 'USER' | 'ROLE' | 'LOGIN' | 'DATABASE';
  readonly names: readonly ObjectName[];
  readonly ifExists: boolean;
}

export interface DropIndexStatement extends StatementBase {
  readonly kind: 'drop index';
  readonly indexes: readonly { readonly name: string; readonly table: ObjectName }[];
  readonly ifExists: boolean;
}

export interface DatabaseFileElement {
  readonly type: 'ROWS' | 'LOG';
  readonly logicalName: string;
  readonly physicalName?: string;
  readonly sizeBytes?: number;
}

export interface CreateDatabaseStatement extends StatementBase {
  readonly kind: 'create database';
  readonly name: string;
  readonly files: readonly DatabaseFileElement[];
  readonly collation?: string;
}

export type DatabaseOption =
  | { readonly set: 'recovery'; readonly model: 'FULL' | 'BULK_LOGGED' | 'SIMPLE' }
  | { readonly set: 'state'; readonly state: 'ONLINE' | 'OFFLINE' | 'EMERGENCY' }
  | { readonly set: 'access'; readonly access: 'MULTI_USER' | 'SINGLE_USER' | 'RESTRICTED_USER' }
  | { readonly set: 'readonly'; readonly readOnly: boolean }
  | { readonly set: 'ignored'; readonly option: string };

export interface AlterDatabaseStatement extends StatementBase {
  readonly kind: 'alter database';
  /** undefined: CURRENT */
  readonly name?: string;
  readonly action:
    | { readonly kind: 'set'; readonly options: readonly DatabaseOption[]; readonly rollbackImmediate: boolean }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'file'; readonly files: readonly DatabaseFileElement[] }
    | { readonly kind: 'modify file'; readonly logicalName: string }
    | { readonly kind: 'collate'; readonly collation: string };
}

export interface CreateSchemaStatement extends StatementBase {
  readonly kind: 'create schema';
  readonly name: string;
}

export type DefinitionStatement =
  | CreateTableStatement
  | AlterTableStatement
  | CreateIndexStatement
  | DropStatement
  | DropIndexStatement
  | CreateDatabaseStatement
  | AlterDatabaseStatement
  | CreateSchemaStatement;
