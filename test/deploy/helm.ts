import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run } from '../cluster/host/command.ts';
import { buildProgram } from '../cluster/kubernetes/programs.ts';
import { findProgram } from '../cluster/host/find-program.ts';
import { sayOnStderr } from '../cluster/say.ts';
import { projectRoot } from './build-context.ts';

export type Chart = 'mssql-helm' | 'mssql-pitr';

export const chartFolder = (chart: Chart): string => join(projectRoot, 'deploy', 'charts', chart);

/** HELM, else the one on the PATH, else the one that the test cluster is used with, which is built once. */
export async function helmProgram(): Promise<string> {
  return process.env['HELM'] || findProgram('helm') || (await buildProgram('helm', sayOnStderr));
}

export async function helm(args: readonly string[], input?: string): Promise<string> {
  return run(await helmProgram(), args, input === undefined ? {} : { input });
}

export interface Rendering {
  readonly chart: Chart;
  readonly release: string;
  readonly namespace: string;
  readonly values: object;
}

export async function renderText({ chart, release, namespace, values }: Rendering): Promise<string> {
  // Of a helm that was built with `go install`, the version that it assumes is years old.
  const how = ['--namespace', namespace, '--kube-version', '1.34.0', '--values', '-'];
  return helm(['template', release, chartFolder(chart), ...how], JSON.stringify(values));
}

/** What helm would create, as plain objects. */
export async function render(rendering: Rendering): Promise<Manifests> {
  const documents = parseAllDocuments(await renderText(rendering), { version: '1.1' });
  if ('empty' in documents) return new Manifests([]);
  return new Manifests(documents.map((document) => document.toJS() as Manifest | null).filter((each) => each !== null));
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  /** Tests look into it where they must. */
  readonly [key: string]: unknown;
}

export class Manifests {
  readonly all: readonly Manifest[];

  constructor(all: readonly Manifest[]) {
    this.all = all;
  }

  of(kind: string): readonly Manifest[] {
    return this.all.filter((each) => each.kind === kind);
  }

  /** @throws when there is not exactly one */
  one<T>(kind: string): Manifest & T {
    const [first, ...more] = this.of(kind);
    if (first === undefined || more.length > 0) throw new Error(`${more.length + (first ? 1 : 0)} objects ${kind}`);
    return first as Manifest & T;
  }

  /** Of every workload. */
  podSpecs(): readonly PodSpec[] {
    return this.all.flatMap((each) => {
      const template = (each as { readonly spec?: { readonly template?: { readonly spec: PodSpec } } }).spec?.template;
      return template === undefined ? [] : [template.spec];
    });
  }
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly serviceAccountName?: string;
  readonly securityContext?: SecurityContext & { readonly fsGroup?: number };
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly securityContext?: SecurityContext;
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

export interface Probe {
  readonly tcpSocket?: { readonly port: string };
  readonly httpGet?: { readonly path: string; readonly port: string };
}

export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: { readonly defaultMode: number; readonly sources: readonly object[] };
  readonly secret?: { readonly secretName: string; readonly defaultMode: number };
}
