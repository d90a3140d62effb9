import type { SqlType } from '../../contracts.ts';
import { binaryType } from './binary.ts';
import { characterType } from './character.ts';
import { decimalType, moneyType } from './decimal.ts';
import { guidType } from './guid.ts';
import { isLongType, longType } from './long.ts';
import { isMomentType, momentType } from './moment.ts';
import { isNumberType, numberType } from './number.ts';
import { variantType } from './variant.ts';
import type { WireType } from './wire-type.ts';

export function wireType(type: SqlType, nullable = true): WireType {
  const { name } = type;
  if (isNumberType(name)) return numberType({ ...type, name }, nullable);
  if (isMomentType(name)) return momentType({ ...type, name }, nullable);
  if (isLongType(name)) return longType({ ...type, name });
  switch (name) {
    case 'decimal':
    case 'numeric':
      return decimalType(type);
    case 'money':
    case 'smallmoney':
      return moneyType(type, nullable);
    case 'binary':
    case 'varbinary':
      return binaryType(type);
    case 'uniqueidentifier':
      return guidType(type);
    case 'sql_variant':
      return variantType(type);
    default:
      return characterType(type);
  }
}
