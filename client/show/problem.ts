import type { Problem } from '../problem.ts';

export function problemText({ type, message, hint }: Problem): string {
  const what = message.split('\n').join('\n  ');
  return [`✘ ${type}`, `  ${what}`, ...(hint ? [`  What to do: ${hint}`] : [])].join('\n');
}
