import type { SqlType } from '../../contracts.ts';
import type { Batch } from '../../tsql/ast/statement.ts';
import type { ProcedureParameter } from '../../tsql/ast/procedure.ts';
import { parse, parseParameters } from '../../tsql/parse.ts';

const LIMIT = 2000;
const LONGEST = 20_000;

/** Batches by text: clients send the same few statements over and over. Plans hang on their statements. */
const cache = new Map<string, Batch>();

export function parseCached(text: string, quotedIdentifier: boolean, parameters?: ReadonlyMap<string, SqlType>): Batch {
  const options = { quotedIdentifier, ...(parameters === undefined ? {} : { parameters }) };
  if (text.length > LONGEST) return parse(text, options);
  const key = `${quotedIdentifier ? 1 : 0}${signature(parameters)}\0${text}`;
  const known = cache.get(key);
  if (known !== undefined) {
    // Most recently used last.
    cache.delete(key);
    cache.set(key, known);
    return known;
  }
  const batch = parse(text, options);
  cache.set(key, batch);
  if (cache.size > LIMIT) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
  return batch;
}

function signature(parameters: ReadonlyMap<string, SqlType> | undefined): string {
  if (parameters === undefined) return '';
  let text = '';
  for (const [name, type] of parameters) {
    text += `${name.toLowerCase()}:${type.name}(${type.length ?? ''},${type.precision ?? ''},${type.scale ?? ''});`;
  }
  return text;
}

const parameterLists = new Map<string, readonly ProcedureParameter[]>();

/** The @params text of sp_executesql. */
export function parseParametersCached(text: string): readonly ProcedureParameter[] {
  let parameters = parameterLists.get(text);
  if (parameters === undefined) {
    parameters = parseParameters(text);
    if (parameterLists.size > LIMIT) parameterLists.clear();
    parameterLists.set(text, parameters);
  }
  return parameters;
}
