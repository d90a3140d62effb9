import { noopMetricMeter, type MetricMeter, type MetricTags } from '@temporalio/common';

/** Keeps the last value of every metric, by name and tags. */
export interface RecordingMeter extends MetricMeter {
  valueOf(name: string, tags: MetricTags): number | undefined;
}

export function recordingMeter(): RecordingMeter {
  const values = new Map<string, number>();
  const key = (name: string, tags: MetricTags = {}): string =>
    `${name} ${JSON.stringify(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
  return Object.assign(Object.create(noopMetricMeter) as MetricMeter, {
    createCounter(name: string) {
      const counter = noopMetricMeter.createCounter(name);
      return Object.assign(counter, {
        add: (value: number, tags?: MetricTags) => {
          values.set(key(name, tags), (values.get(key(name, tags)) ?? 0) + value);
        },
      });
    },
    createGauge(name: string) {
      const gauge = noopMetricMeter.createGauge(name);
      return Object.assign(gauge, {
        set: (value: number, tags?: MetricTags) => void values.set(key(name, tags), value),
      });
    },
    createHistogram(name: string) {
      const histogram = noopMetricMeter.createHistogram(name);
      return Object.assign(histogram, {
        record: (value: number, tags?: MetricTags) => void values.set(key(name, tags), value),
      });
    },
    valueOf: (name: string, tags: MetricTags) => values.get(key(name, tags)),
  });
}
