import type { ClusterApi } from '../api/cluster-api.ts';
import type { ObjectRef } from '../api/resources.ts';

/** How long failing may take to say why. */
const lookMs = 5_000;
const shownEvents = 6;
const shownLines = 12;
const mostText = 2_000;
/** Messages that begin with the same so many characters are the same. */
const alike = 60;

/** What events tell of objects, the newest last. Empty when they cannot be read: it only explains. */
export async function eventsOf(
  api: ClusterApi,
  namespace: string,
  names: readonly string[],
): Promise<readonly { readonly reason: string; readonly message: string }[]> {
  const signal = AbortSignal.timeout(lookMs);
  const lists = await Promise.all(
    names.map((name) =>
      api
        .list('events', { namespace, fields: { 'involvedObject.name': name } }, signal)
        .then(({ items }) => items)
        .catch(() => []),
    ),
  );
  return lists
    .flat()
    .map((event) => ({
      at: event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '',
      reason: event.reason ?? '',
      message: (event.message ?? '').trim(),
    }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** The last lines of a container's log; empty when there is none, or it cannot be read. */
export async function lastLines(
  api: ClusterApi,
  pod: ObjectRef,
  container: string,
  previous: boolean,
): Promise<readonly string[]> {
  const lines: string[] = [];
  try {
    const options = { container, previous, tailLines: shownLines };
    for await (const line of api.log(pod, options, AbortSignal.timeout(lookMs))) lines.push(line);
  } catch {
    return lines;
  }
  return lines;
}

/** Events and lines as the end of a failure's message, without the events that it has told itself. */
export function evidenceText(
  said: string,
  events: readonly { readonly reason: string; readonly message: string }[],
  lines: readonly string[],
): string {
  const news = events.filter(({ message }) => !said.includes(message.slice(0, alike)));
  const told = news.slice(-shownEvents).map(({ reason, message }) => `${reason}: ${message}`);
  const log = lines.slice(-shownLines);
  return [
    told.length === 0 ? '' : ` Events: ${told.join('; ').slice(-mostText)}.`,
    log.length === 0 ? '' : ` Last lines of its log:\n${log.join('\n').slice(-mostText)}\n`,
  ].join('');
}
