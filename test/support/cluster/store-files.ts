import { mounts } from '../../../activities/executor/program/tasks.ts';
import { names } from './releases.ts';
import type { Site } from './site.ts';

interface StoreFiles {
  /** One line for each file: bytes, owner, time, path. */
  readonly listing: string;
  /** Texts below the folder that was asked for, by their names. */
  readonly texts: ReadonlyMap<string, string>;
}

/** One JSON object a line: of every file, its text where it is wanted. */
const script = `
const { readdirSync, readFileSync, statSync } = require('node:fs');
const [root, folder] = process.argv.slice(1);
for (const path of readdirSync(root, { recursive: true }).sort()) {
  const { size, uid, gid, mtime, mode } = statSync(root + '/' + path);
  if ((mode & 0o170000) !== 0o100000) continue;
  const text = path.startsWith(folder + '/') ? { text: readFileSync(root + '/' + path, 'utf8') } : {};
  console.log(JSON.stringify({ path, size, uid, gid, mode: (mode & 0o777).toString(8), mtime, ...text }));
}`;

interface Line {
  readonly path: string;
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  readonly mode: string;
  readonly mtime: string;
  readonly text?: string;
}

/** Reads a folder of the store, and lists the store, with a pod that may only read it. */
export async function readStore(site: Site, folder: string): Promise<StoreFiles> {
  const pod = 'store-reader';
  await site.cluster.kubectl(['create', '-f', '-'], JSON.stringify(readerPod(site, pod, folder)));
  try {
    await site.kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${pod}`, '--timeout=120s');
    const said = await site.kubectl('logs', pod);
    const lines = said
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
    const rows = lines.map(
      ({ path, size, uid, gid, mode, mtime }) => `${mode} ${uid}:${gid} ${String(size).padStart(10)} ${mtime} ${path}`,
    );
    const texts = lines.flatMap(({ path, text }) => (text === undefined ? [] : [[fileName(path), text] as const]));
    return { listing: `${rows.join('\n')}\n`, texts: new Map(texts) };
  } finally {
    await site.kubectl('delete', 'pod', pod, '--ignore-not-found', '--wait=false');
  }
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function readerPod({ namespace, workerImage }: Site, name: string, folder: string): object {
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 0,
      fsGroup: 10001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'reader',
        image: workerImage,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '-e', script, mounts.store, folder],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'store', mountPath: mounts.store, readOnly: true }],
      },
    ],
    volumes: [{ name: 'store', persistentVolumeClaim: { claimName: names.storeClaim } }],
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec };
}
