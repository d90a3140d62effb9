import type { DatabaseWindow, TimeSpan, WindowPage } from '../../workflows/contracts.ts';
import { megabytes } from '../../workflows/domain/words.ts';
import type { InstanceWindow } from '../actions/window.ts';
import { duration, moment } from './text.ts';
import { rangeOf, type TimelineRange } from './timeline.ts';
import { windowStyle } from './window-style.ts';
import { byExposure, exposureText, headline } from './window-result.ts';

/** From here on a database is shown as one to look at, and as one to act on. */
const watchSeconds = 15 * 60;
const actSeconds = 60 * 60;

const barWidth = 1000;
const ticks = 5;

/** A page that needs nothing but itself: no scripts, fonts or pictures from elsewhere. */
export function windowHtml(windows: readonly InstanceWindow[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Restorable window</title>
<style>${windowStyle}</style>
</head>
<body>
<header>
<h1>Restorable window</h1>
<ul class="legend">
<li><span class="key covered"></span>every moment can be restored to</li>
<li><span class="key hole"></span>no moment can</li>
<li><span class="badge watch">exposure</span>above ${duration(watchSeconds * 1000)}</li>
<li><span class="badge act">exposure</span>above ${duration(actSeconds * 1000)}, or nothing to restore</li>
</ul>
</header>
<main>
${windows.map(section).join('\n')}
</main>
<footer>Exposure is now minus the latest restorable time: what would be lost if the server were lost now.</footer>
</body>
</html>
`;
}

function section(one: InstanceWindow): string {
  if ('failure' in one) {
    return `<section><h2>${escape(one.instance)}</h2><p class="problem">Its window cannot be read: ${escape(one.failure.message)} ${escape(one.failure.hint)}</p></section>`;
  }
  const databases = one.databases.toSorted(byExposure);
  const range = rangeOf(databases, one.asOf);
  return `<section>
<h2>${escape(one.instance)}</h2>
<p>${escape(headline(one))}. As of ${escape(moment(one.asOf))}.</p>
${warnings(one)}
${databases.map((database) => card(database, range)).join('\n')}
</section>`;
}

function warnings({ unprotected, unprotectedCount, serverProblem, problems }: Omit<WindowPage, 'next'>): string {
  const more = unprotectedCount - unprotected.length;
  const lines = [
    ...(unprotectedCount > 0
      ? [`Without any backup in the store: ${unprotected.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
      : []),
    ...(serverProblem === null
      ? []
      : [
          `The server could not be asked which databases it has; ones without any backup are not shown. ${serverProblem}`,
        ]),
    ...problems,
  ];
  return lines.map((line) => `<p class="problem">${escape(line)}</p>`).join('\n');
}

function card(one: DatabaseWindow, range: TimelineRange | null): string {
  const { latestRestorable, newestBackup } = one;
  const facts = [
    `latest restorable ${latestRestorable === null ? 'none' : moment(latestRestorable)}`,
    newestBackup === null
      ? 'no usable backup'
      : `newest backup ${newestBackup.kind}, ${moment(newestBackup.finishedAt)}`,
    `${one.sets} sets, ${megabytes(one.sizeBytes)}`,
  ];
  return `<article>
<h3>${escape(one.database)} <span class="badge ${severity(one)}">${escape(exposureText(one))}</span></h3>
${range === null ? '' : timeline(one, range)}
<p class="facts">${facts.map(escape).join(' · ')}</p>
${holeList(one)}${one.notes.map((note) => `<p class="problem">${escape(note)}</p>`).join('\n')}
</article>`;
}

function severity({ exposureSeconds }: DatabaseWindow): 'fine' | 'watch' | 'act' {
  if (exposureSeconds === null || exposureSeconds > actSeconds) return 'act';
  return exposureSeconds > watchSeconds ? 'watch' : 'fine';
}

function timeline(one: DatabaseWindow, range: TimelineRange): string {
  const x = (iso: string): number => ((Date.parse(iso) - range.fromMs) / (range.toMs - range.fromMs)) * barWidth;
  const bar = (span: TimeSpan, kind: string, title: string): string => {
    const from = Math.max(0, x(span.from));
    const width = Math.max(1, x(span.to) - from);
    return `<rect class="${kind}" x="${from.toFixed(1)}" y="2" width="${width.toFixed(1)}" height="18"><title>${escape(title)}</title></rect>`;
  };
  const text = (span: TimeSpan): string => `${moment(span.from)} – ${moment(span.to)}`;
  const last = one.intervals.at(-1);
  const now = new Date(range.toMs).toISOString();
  const tail =
    last === undefined ? [] : [bar({ from: last.to, to: now }, 'hole', `exposed: ${text({ from: last.to, to: now })}`)];
  return `<svg viewBox="0 0 ${barWidth} 36" role="img" aria-label="${escape(`Timeline of ${one.database}`)}">
<rect class="track" x="0" y="2" width="${barWidth}" height="18"/>
${[
  ...one.holes.map((hole) => bar(hole, 'hole', `${text(hole)}: ${hole.reason}`)),
  ...tail,
  ...one.intervals.map((interval) => bar(interval, 'covered', text(interval))),
].join('\n')}
${axis(range)}
</svg>`;
}

function axis({ fromMs, toMs }: TimelineRange): string {
  const days = (toMs - fromMs) / 86_400_000;
  return Array.from({ length: ticks }, (_, i) => {
    const iso = new Date(fromMs + ((toMs - fromMs) * i) / (ticks - 1)).toISOString();
    const label = days > 1 ? iso.slice(5, 16).replace('T', ' ') : iso.slice(11, 19);
    const anchor = i === 0 ? 'start' : i === ticks - 1 ? 'end' : 'middle';
    return `<text x="${(barWidth * i) / (ticks - 1)}" y="33" text-anchor="${anchor}">${label}${i === ticks - 1 ? ' UTC' : ''}</text>`;
  }).join('');
}

function holeList({ holes, olderIntervals }: DatabaseWindow): string {
  if (holes.length === 0) return '';
  const items = holes
    .toReversed()
    .map((hole) => `<li><b>${escape(moment(hole.from))} – ${escape(moment(hole.to))}</b> ${escape(hole.reason)}</li>`);
  const title = `${holes.length} ${holes.length === 1 ? 'hole' : 'holes'}`;
  const older = olderIntervals > 0 ? `<li>and ${olderIntervals} older intervals, not shown</li>` : '';
  return `<details${holes.length <= 3 ? ' open' : ''}><summary>${title}</summary><ul>${items.join('')}${older}</ul></details>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
