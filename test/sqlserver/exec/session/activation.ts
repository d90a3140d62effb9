import type { SqlType, SqlValue, Table } from '../../contracts.ts';
import type { Declarations } from '../../tsql/ast/declarations.ts';
import type { Frame, VariableCell } from '../expression/compiled.ts';
import type { Output } from './output.ts';

export type ActivationKind = 'batch' | 'procedure' | 'dynamic';

export interface ActivationOptions {
  readonly kind: ActivationKind;
  readonly output: Output;
  readonly declarations: Declarations;
  readonly parent?: Activation;
  /** Text that statement positions refer to. */
  readonly text: string;
  readonly procedure?: { readonly id: number; readonly name: string; readonly schema: string };
}

/** One running batch, procedure or piece of dynamic SQL. */
export class Activation implements Frame {
  readonly kind: ActivationKind;
  readonly output: Output;
  readonly declarations: Declarations;
  readonly parent: Activation | undefined;
  readonly text: string;
  readonly procedure: ActivationOptions['procedure'];
  readonly variables = new Map<string, VariableCell>();
  readonly tables = new Map<string, Table>();
  readonly nestLevel: number;
  scopeIdentity: bigint | null = null;
  /** Value of RETURN. */
  returnValue: number | undefined;
  /** Lower-case names of the cursors declared LOCAL here. */
  readonly cursors = new Set<string>();

  constructor(options: ActivationOptions) {
    this.kind = options.kind;
    this.output = options.output;
    this.declarations = options.declarations;
    this.parent = options.parent;
    this.text = options.text;
    this.procedure = options.procedure;
    this.nestLevel = options.parent === undefined ? (options.kind === 'batch' ? 0 : 1) : options.parent.nestLevel + 1;
    for (const [name, type] of options.declarations.scalars) this.variables.set(name, { type, value: null });
  }

  get procedureId(): number {
    return this.procedure?.id ?? 0;
  }

  /** Parameters exist before the body declares anything. */
  bind(name: string, type: SqlType, value: SqlValue): void {
    this.variables.set(name.toLowerCase(), { type, value });
  }
}
