import type { StatementBase } from './base.ts';
import type { ObjectName } from './name.ts';

export interface LoginStatement extends StatementBase {
  readonly kind: 'login';
  readonly action: 'create' | 'alter';
  readonly name: string;
  readonly password?: string;
  /** Upper-case hex without 0x. */
  readonly hashedPassword?: string;
  readonly sid?: string;
  readonly defaultDatabase?: string;
  readonly newName?: string;
  readonly disabled?: boolean;
}

export interface UserStatement extends StatementBase {
  readonly kind: 'user';
  readonly action: 'create' | 'alter';
  readonly name: string;
  /** null: WITHOUT LOGIN; undefined: the login of the same name. */
  readonly login?: string | null;
  readonly defaultSchema?: string;
  readonly newName?: string;
}

export interface RoleStatement extends StatementBase {
  readonly kind: 'role';
  readonly action: 'create' | 'add member' | 'drop member';
  readonly server: boolean;
  readonly role: string;
  readonly member?: string;
}

export interface PermissionStatement extends StatementBase {
  readonly kind: 'permission';
  readonly action: 'GRANT' | 'REVOKE' | 'DENY';
  /** Upper case. */
  readonly permissions: readonly string[];
  readonly securable?: { readonly type: string; readonly name: ObjectName };
  readonly principals: readonly string[];
}

export type SecurityStatement = LoginStatement | UserStatement | RoleStatement | PermissionStatement;
