import assert from 'node:assert/strict';

/** What a client program prints: one line an observation, its name and its values separated by tabs. */
export type Observations = ReadonlyMap<string, readonly string[]>;

export function observations(output: string): Observations {
  const seen = new Map<string, string[]>();
  for (const line of output.split('\n').filter((each) => each.includes('\t'))) {
    const at = line.indexOf('\t');
    const name = line.slice(0, at);
    seen.set(name, [...(seen.get(name) ?? []), line.slice(at + 1)]);
  }
  return seen;
}

/** What every client has to see, however it words it. */
export function assertScenario(output: string): void {
  const seen = observations(output);
  const of = (name: string): readonly string[] => seen.get(name) ?? [];
  const says = (name: string, text: RegExp): void => {
    assert.ok(
      of(name).some((each) => text.test(each)),
      `no ${text.source} in ${name}, only: ${of(name).join('; ')}\n${output}`,
    );
  };
  assert.deepEqual(of('one'), ['1']);
  says('error', /Invalid object name 'nosuch'\./);
  says('info', /hello$/);
  assert.deepEqual(of('row'), ['1|größe €|12.50|2026-04-20 21:40:13.320', '2|NULL|NULL|NULL']);
  assert.deepEqual(of('count'), ['2']);
  says('info', /BACKUP DATABASE successfully processed \d+ pages in \d+\.\d{3} seconds/);
  says('failed', /Database 'nosuch' does not exist\.|BACKUP DATABASE is terminating abnormally\./);
}
