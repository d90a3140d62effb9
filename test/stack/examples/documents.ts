import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../house/import-graph.ts';

/** A command that a text shows people, as they would type it. */
export interface Example {
  readonly command: string;
  /** Where it stands first. */
  readonly where: string;
}

/** Pages whose commands run, in the order in which a reader comes to them. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'deploy/README.md', ...docs.sort().map((name) => join('docs', name))];
}

export function examplesOfPage(page: string): Example[] {
  return commandsOfMarkdown(readFileSync(join(root, page), 'utf8')).map((command) => ({ command, where: page }));
}

/** Every line of a block in sh; of other blocks and of code inside a line what begins as a command of ours or of Temporal. */
export function commandsOfMarkdown(text: string): string[] {
  const found: string[] = [];
  let block: { readonly language: string; readonly lines: string[] } | null = null;
  let wasBlank = true;
  for (const line of text.split('\n')) {
    const fence = /^ *```(\w*)/.exec(line);
    if (fence && block !== null && block.language !== 'indented') {
      found.push(...commandsOfBlock(block));
      block = null;
    } else if (block !== null && block.language !== 'indented') {
      block.lines.push(line);
    } else {
      const indented = /^ {4}\S/.test(line);
      if (block !== null && !indented) {
        found.push(...commandsOfBlock(block));
        block = null;
      }
      if (fence) block = { language: fence[1] ?? '', lines: [] };
      else if (block !== null) block.lines.push(line);
      else if (indented && wasBlank) block = { language: 'indented', lines: [line] };
      else found.push(...[...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code).filter(isWholeCommand));
    }
    wasBlank = line.trim() === '';
  }
  if (block !== null) found.push(...commandsOfBlock(block));
  return found;
}

function commandsOfBlock({
  language,
  lines,
}: {
  readonly language: string;
  readonly lines: readonly string[];
}): string[] {
  if (language === 'sh') return commandsOfLines(lines);
  return language === '' || language === 'indented' ? commandsOfLines(lines).filter(isWholeCommand) : [];
}

/** What help shows: the lines that are commands. */
export function commandsOfHelp(text: string): string[] {
  return commandsOfLines(text.split('\n').filter((line) => line.startsWith('  '))).filter(isWholeCommand);
}

/** Lines that go on are put together; what is said beside a command is cut off. */
function commandsOfLines(lines: readonly string[]): string[] {
  return lines
    .join('\n')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/\s+# .*$/, '')
        .replace(/\s{2,}.*$/, ''),
    )
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** `temporal workflow cancel` alone is the name of a command; with an option it is meant to be typed. */
function isWholeCommand(code: string): boolean {
  return /^(npx mssql-pitr|mssql-pitr|source) |^temporal .* --/.test(code);
}
