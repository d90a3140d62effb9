/** Series of a metrics page, as Prometheus would take them. */
export interface Page {
  readonly text: string;
  /** Names of metrics, without the suffixes of a histogram's parts. */
  readonly names: ReadonlySet<string>;
  /** Values of the series of a metric that carry these labels. */
  values(name: string, labels?: Readonly<Record<string, string>>): number[];
}

export async function scrape(address: string): Promise<Page> {
  const response = await fetch(`http://${address}/metrics`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return readPage(text);
}

export function readPage(text: string): Page {
  const series = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: labelsOf(labels), value: Number(value) }];
  });
  const described = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
  return {
    text,
    names: new Set([...described, ...series.map(({ name }) => name)]),
    values: (name, labels = {}) =>
      series
        .filter(
          (each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
        )
        .map(({ value }) => value),
  };
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
}
