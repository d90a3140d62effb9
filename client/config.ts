import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { Settings } from '../workflows/domain/settings.ts';
import { ConfigError, lineOf, type ConfigIssue } from './config-issues.ts';
import { configPath, type ConfigLocation } from './config-path.ts';
import { checkReferences } from './config-references.ts';
import { checkShape } from './config-schema.ts';
import { toSettings } from './config-settings.ts';

export { configPath } from './config-path.ts';

/** @throws {ConfigError} that names every mistake of the file at once. */
export function loadSettings(location: ConfigLocation = {}): Settings {
  const { path, named } = configPath(location);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const what = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    const hint = named ? '' : '; go to its folder, or name it with --config or MSSQL_PITR_CONFIG';
    throw new ConfigError(path, [{ path: '', line: null, problem: `${what}${hint}` }]);
  }
  return parseSettings(text, path);
}

/** Relative paths inside the file start at the file's folder. */
export function parseSettings(text: string, path: string): Settings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const syntax = document.errors.map((error): ConfigIssue => ({
    path: '',
    line: lines.linePos(error.pos[0]).line,
    problem: `is not YAML: ${error.message}`,
  }));
  if (syntax.length > 0) throw new ConfigError(path, syntax);

  const raw = toPlain(document, path);
  const shape = checkShape(raw);
  const found = [...(shape.ok ? [] : shape.problems), ...checkReferences(raw)];
  if (!shape.ok || found.length > 0) {
    const issues = found.map((issue): ConfigIssue => ({
      path: issue.path.map(String).join('.'),
      line: lineOf(document, lines, issue.path),
      problem: issue.problem,
    }));
    throw new ConfigError(
      path,
      issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    );
  }
  return deepFreeze(toSettings(shape.value, dirname(path)));
}

function toPlain(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch {
    // The one thing that shows only here. Not repeated: it may be a secret that begins with *.
    const problem = 'uses an alias (*name) that is not defined; put a text that begins with * between quotes';
    throw new ConfigError(path, [{ path: '', line: null, problem }]);
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
