import { run } from '../host/command.ts';
import { ctr } from '../node/containerd.ts';
import type { ClusterPlace } from '../state.ts';

/**
 * Puts the image of an archive onto nodes. Pods must not want it pulled: `imagePullPolicy` is IfNotPresent or Never.
 * @returns the nodes that did not have this very image under this name
 */
export async function loadImage(
  place: ClusterPlace,
  nodes: readonly string[],
  archive: string,
): Promise<readonly string[]> {
  const image = await imageOf(archive);
  const loaded = await Promise.all(
    nodes.map(async (node) => {
      if (await hasImage(place, node, image)) return [];
      await ctr(place, node, 'images', 'import', archive);
      return [node];
    }),
  );
  return loaded.flat();
}

interface Image {
  readonly names: readonly string[];
  readonly id: string;
}

async function imageOf(archive: string): Promise<Image> {
  const manifest = await run('tar', ['--extract', '--to-stdout', '--file', archive, 'manifest.json']);
  const [first] = JSON.parse(manifest) as { Config: string; RepoTags: string[] }[];
  if (first === undefined) throw new Error(`${archive}: holds no image`);
  return { names: first.RepoTags, id: `sha256:${first.Config.replace(/\.json$/, '')}` };
}

/** containerd lists an image under its names and under its id, each with the digest of what it stands for. */
async function hasImage(place: ClusterPlace, node: string, { names, id }: Image): Promise<boolean> {
  const rows = (await ctr(place, node, 'images', 'list')).split('\n').map((row) => row.split(/\s+/));
  const digestOf = (name: string): string | undefined => rows.find(([reference]) => reference === name)?.[2];
  const digest = digestOf(id);
  return digest !== undefined && names.every((name) => digestOf(name) === digest);
}
