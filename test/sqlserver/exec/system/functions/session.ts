import type { SqlType, SqlValue, Variant } from '../../../contracts.ts';
import type { SystemContext } from '../contract.ts';
import { anyType, nvarchar, scalar, sysname, varbinary } from '../function.ts';
import { isMoment, isVariant, textArg, variant, variantInt, variantText } from '../values.ts';

const options = new Set([
  'ANSI_NULLS',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'CONCAT_NULL_YIELDS_NULL',
  'NUMERIC_ROUNDABORT',
  'QUOTED_IDENTIFIER',
]);

/** The type a bare value takes as a sql_variant. */
function baseType(value: Exclude<SqlValue, null>): SqlType {
  switch (typeof value) {
    case 'string':
      return nvarchar(4000);
    case 'number':
      return { name: Number.isInteger(value) ? 'int' : 'float' };
    case 'bigint':
      return { name: 'bigint' };
    case 'boolean':
      return { name: 'bit' };
    default:
      if (value instanceof Uint8Array) return varbinary(8000);
      if (isMoment(value)) return { name: 'datetime2', scale: 7 };
      return 'unscaled' in value ? { name: 'numeric', precision: 38, scale: value.scale } : anyType;
  }
}

function asVariant(value: SqlValue): Variant | null {
  if (value === null) return null;
  return isVariant(value) ? value : variant(baseType(value), value);
}

function connectionProperty({ session }: SystemContext, property: string): Variant | null {
  switch (property.toLowerCase()) {
    case 'net_transport':
    case 'physical_net_transport':
      return variantText('TCP');
    case 'protocol_type':
      return variantText('TSQL');
    case 'auth_scheme':
      return variantText('SQL');
    case 'client_net_address':
      return variant({ name: 'varchar', length: 48 }, session.clientAddress);
    default:
      return null;
  }
}

export const sessionFunctions = [
  scalar('HOST_NAME', {}, sysname, ({ session }) => session.hostName),
  scalar('APP_NAME', {}, sysname, ({ session }) => session.programName),
  scalar('CONTEXT_INFO', {}, varbinary(128), ({ session }) => session.contextInfo),
  scalar('SESSION_CONTEXT', { key: sysname }, anyType, ({ session }, [key]) =>
    asVariant(session.sessionContext.get(textArg(key) ?? '')?.value ?? null),
  ),
  scalar('SESSIONPROPERTY', { option: sysname }, anyType, ({ session }, [option]) => {
    const name = (textArg(option) ?? '').toUpperCase();
    return options.has(name) ? variantInt(Number(session.options.get(name) ?? false)) : null;
  }),
  scalar('CONNECTIONPROPERTY', { property: sysname }, anyType, (context, [property]) =>
    connectionProperty(context, textArg(property) ?? ''),
  ),
];
