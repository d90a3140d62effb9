import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Import } from './import-rules.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const folders = ['workflows', 'activities', 'worker', 'client', 'test'];

/** Every import of every file, read by TypeScript's own parser. */
export function readGraph(): { readonly files: readonly string[]; readonly imports: readonly Import[] } {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return { files, imports: files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8'))) };
}

export function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text: to } = specifier;
    found.push({ from: file, to: to.startsWith('.') ? relative(root, resolve(root, file, '..', to)) : to, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    else if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && isModule(node.arguments?.[0])) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import type …`, or every name of it is a type. */
function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = importClause.namedBindings;
  if (importClause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

/** `new URL('./x.ts', import.meta.url)` names a file that is run or bundled. */
function isModule(argument: ts.Node | undefined): argument is ts.StringLiteral {
  return argument !== undefined && ts.isStringLiteral(argument) && /^\..*\.ts$/.test(argument.text);
}

/** Rings of files that import each other when they run, each as the path around it. */
export function findCycles(imports: readonly Import[]): string[][] {
  const next = Map.groupBy(
    imports.filter(({ typeOnly, to }) => !typeOnly && to.endsWith('.ts')),
    ({ from }) => from,
  );
  const state = new Map<string, 'open' | 'closed'>();
  const cycles: string[][] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'closed') return;
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    for (const { to } of next.get(file) ?? []) walk(to, [...path, file]);
    state.set(file, 'closed');
  };
  for (const file of next.keys()) walk(file, []);
  return cycles;
}
