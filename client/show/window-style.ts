/** Follows the reader's choice of light or dark; colours keep their meaning in print and for the colour-blind. */
export const windowStyle = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #16202c; --dim: #566273; --line: #d6dce4;
  --track: #e7ebf0; --covered: #1f8a5b; --hole: #c8443a; --watch: #8a5a00; --watch-page: #fff0cf; --act: #a3231a;
  --act-page: #ffe3e0; --fine: #12633f; --fine-page: #dcf3e7; }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161c; --card: #1b2129; --text: #e4e9f0; --dim: #9aa7b7; --line: #2f3843; --track: #2a323c;
    --covered: #3fb982; --hole: #e0675d; --watch: #ffd27a; --watch-page: #4a3710; --act: #ffb3ab; --act-page: #5a1f1a;
    --fine: #8fe0b8; --fine-page: #153d2b; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .25rem; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
p { margin: .25rem 0; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0; padding: 0; color: var(--dim); }
.key { display: inline-block; width: 1.75rem; height: .8rem; margin-right: .5rem; border-radius: 2px; }
.key.covered { background: var(--covered); }
.key.hole { background: color-mix(in srgb, var(--hole) 30%, transparent); border: 1px solid var(--hole); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem; margin: .75rem 0;
  break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--dim); }
.track { fill: var(--track); }
rect.covered { fill: var(--covered); }
rect.hole { fill: var(--hole); fill-opacity: .3; stroke: var(--hole); stroke-width: 1; }
.badge { font-size: .85rem; font-weight: 600; padding: .1rem .5rem; border-radius: 999px; margin-right: .4rem; white-space: nowrap; }
.badge.fine { color: var(--fine); background: var(--fine-page); }
.badge.watch { color: var(--watch); background: var(--watch-page); }
.badge.act { color: var(--act); background: var(--act-page); }
.facts, footer { color: var(--dim); font-size: .9rem; }
.problem { border-left: 3px solid var(--hole); padding-left: .6rem; overflow-wrap: anywhere; }
details { font-size: .9rem; margin: .4rem 0; }
summary { cursor: pointer; color: var(--dim); }
details ul { margin: .25rem 0; padding-left: 1.25rem; }
footer { margin-top: 2rem; }
`;
