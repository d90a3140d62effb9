import type { Issue } from '../workflows/domain/request.ts';
import { wrongInput } from './problem.ts';

/** Requests are checked before anybody is asked: the same checks as the workflow's own. */
export function refuseWrong(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const lines = issues.map(({ path, problem }) => (path ? `${path} ${problem}` : problem));
  throw wrongInput(lines.join('\n'), 'Nothing was started. Correct it and try again; --help shows examples.');
}
