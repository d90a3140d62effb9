import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { commandsOfHelp, commandsOfMarkdown, examplesOfPage, pages, type Example } from './examples/documents.ts';
import { examplesOfHelp } from './examples/help.ts';
import { notRun } from './examples/not-run.ts';
import { openPlace, type Place } from './examples/place.ts';
import { fill, placeholders } from './examples/placeholders.ts';

/** Every command that README, docs and help show is typed into a shell, in the order in which a reader comes to them. */
const shown = [...pages().flatMap(examplesOfPage), ...(await examplesOfHelp())];
const examples = [...Map.groupBy(shown, ({ command }) => command).values()].flatMap(([first]) => first ?? []);
const isOurs = /^(npx mssql-pitr|mssql-pitr|pitr) |^source <\(mssql-pitr|^temporal workflow start /;
const [listed, run] = [examples.filter(reasonOf), examples.filter((example) => !reasonOf(example))];

function reasonOf({ command }: Example): string | undefined {
  return notRun.find(({ begins }) => command.startsWith(begins))?.because;
}

interface Meant {
  /** Where the text says so; 0 for all others. */
  readonly code?: number;
  readonly says?: RegExp;
  readonly before?: (place: Place) => Promise<unknown>;
  readonly after?: (place: Place) => Promise<unknown>;
}

const meant: Readonly<Record<string, Meant>> = {
  'mssql-pitr schedules plan --check --json': {
    before: ({ stack }) => stack.client.schedule.getHandle('mssql-pitr/mssql-rt/log').delete(),
    code: 2,
    says: /mssql-pitr\/mssql-rt\/log/,
    after: ({ type }) => type('mssql-pitr schedules apply'),
  },
  'mssql-pitr cancel <workflow id>': { says: /^Asked \S+ to stop/ },
  'mssql-pitr cancel restore/mssql-rt-target/20260210T070000Z-5f2c': { says: /^Asked \S+ to stop/ },
};

let place: Place;
before(async () => {
  place = await openPlace();
});
after(() => place?.stop());

test('commands are found in blocks of sh, in other blocks, inside of lines and in help', () => {
  const page = [
    'Type `mssql-pitr status`, never `temporal workflow terminate`.',
    '| do it | `mssql-pitr backup <instance> --kind log`, `apply` |',
    '```sh',
    'npm ci   # first',
    'mssql-pitr restore a \\',
    '  --to latest    # then',
    '```',
    '```yaml',
    'mssql-pitr: no',
    '```',
    '',
    '    mssql-pitr window        how far back',
    '    schedules: {}',
    'Then `temporal workflow start --type x`.',
  ];
  assert.deepEqual(commandsOfMarkdown(page.join('\n')), [
    'mssql-pitr status',
    'mssql-pitr backup <instance> --kind log',
    'npm ci',
    'mssql-pitr restore a --to latest',
    'mssql-pitr window',
    'temporal workflow start --type x',
  ]);
  const help = 'Watch it with\nmssql-pitr status.\n\nExamples:\n  mssql-pitr verify    all\n  source <(mssql-pitr x)';
  assert.deepEqual(commandsOfHelp(help), ['mssql-pitr verify', 'source <(mssql-pitr x)']);
});

test('every command is run here, or listed with a reason; nothing is listed in vain', () => {
  assert.deepEqual(
    run.filter(({ command }) => !isOurs.test(command)),
    [],
  );
  for (const { begins } of notRun) {
    assert.ok(
      listed.some(({ command }) => command.startsWith(begins)),
      `nothing begins with ${begins}`,
    );
  }
  for (const { stands } of placeholders) {
    assert.ok(
      run.some(({ command }) => stands.test(command)),
      `nothing has ${stands}`,
    );
  }
  for (const command of Object.keys(meant)) {
    assert.ok(
      run.some((example) => example.command === command),
      `nobody shows ${command}`,
    );
  }
  assert.deepEqual(
    listed.filter(({ command }) => isOurs.test(command)).map(({ command }) => command),
    ['source <(mssql-pitr completion zsh)'],
  );
});

for (const { command, where } of run) {
  const { code = 0, says, before: prepare, after: mend } = meant[command] ?? {};
  test(`${where}: ${command} ends with ${code}`, async () => {
    await prepare?.(place);
    const filled = await fill(command, place);
    assert.doesNotMatch(filled, /<\w[\w ]*>| \[\w+\]|…/, 'a placeholder that is not in the table');
    const ended = await place.type(filled);
    if (process.env['SHOW']) process.stderr.write(`\n$ ${filled}\n${ended.stdout}${ended.stderr}`);
    assert.equal(ended.code, code, `${filled}\n${ended.stdout}${ended.stderr}`);
    if (says) assert.match(ended.stdout, says);
    await mend?.(place);
  });
}
