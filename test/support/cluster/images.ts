import type { Cluster } from '../../cluster/cluster.ts';
import { timed, type Say } from '../../cluster/say.ts';
import { simulatorImage, workerImage, type TestImage } from '../../deploy/images.ts';
import type { SqlServerImage } from './releases.ts';

export interface WantedImages {
  /** Names of images that the cluster has, or can pull; built and loaded when absent. */
  readonly worker?: string;
  /** A real SQL Server; simulated when absent. */
  readonly server?: string;
}

/** Has the images on the cluster's nodes. */
export async function provideImages(
  cluster: Cluster,
  { worker, server }: WantedImages,
  say: Say,
): Promise<{ readonly workerImage: string; readonly server: SqlServerImage }> {
  const load = async ({ name, archive }: TestImage): Promise<string> => {
    await timed(say, `Loading ${name}`, () => cluster.loadImage(archive));
    return name;
  };
  return {
    workerImage: worker ?? (await load(await workerImage(say))),
    server: { name: server ?? (await load(await simulatorImage(say))), simulated: server === undefined },
  };
}
