import { podNameLabel } from '../selects.ts';
import type { Rename } from './rename.ts';

type Labels = Readonly<Record<string, string>>;

export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export interface Relabel {
  (labels: Labels): Record<string, string>;
  /** Of affinities, which speak of the pod itself. */
  selector<S extends LabelSelector>(selector: S): S;
}

interface RelabelOptions {
  /** Names that labels may carry: of the instance and its objects. */
  readonly names: readonly string[];
  readonly rename: Rename;
  /** Everything that selects the source's pods. */
  readonly selectors: readonly Labels[];
  readonly podName: string;
}

/** Label keys that charts tell releases apart by, the best first. */
const telling: readonly string[] = ['app.kubernetes.io/instance', 'release', 'app.kubernetes.io/name', 'app'];

/**
 * Gives pods labels of their own. Whatever selects the source's pods must not select the target's: a Service of the
 * source would lead its clients to the restored databases. Other labels stay, for network policies and the like.
 */
export function relabeller({ names, rename, selectors, podName }: RelabelOptions): Relabel {
  const forced = new Set<string>();
  const value = (key: string, text: string): string => {
    if (key === podNameLabel) return podName;
    return names.includes(text) || forced.has(`${key}=${text}`) ? rename(text) : text;
  };
  const relabel = (labels: Labels): Record<string, string> =>
    Object.fromEntries(Object.entries(labels).map(([key, text]) => [key, value(key, text)]));

  for (const selector of selectors) {
    const entries = Object.entries(selector);
    if (entries.some(([key, text]) => value(key, text) !== text)) continue;
    const keys = entries.map(([key]) => key).sort();
    const key = telling.find((each) => keys.includes(each)) ?? keys[0];
    if (key !== undefined) forced.add(`${key}=${selector[key] ?? ''}`);
  }

  return Object.assign(relabel, {
    selector<S extends LabelSelector>(selector: S): S {
      const { matchLabels, matchExpressions } = selector;
      return {
        ...selector,
        ...(matchLabels === undefined ? {} : { matchLabels: relabel(matchLabels) }),
        ...(matchExpressions === undefined
          ? {}
          : {
              matchExpressions: matchExpressions.map((each) => ({
                ...each,
                ...(each.values === undefined ? {} : { values: each.values.map((text) => value(each.key, text)) }),
              })),
            }),
      };
    },
  });
}
