import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The few files that programs expect of any system. */
export async function makeSystemFiles(root: string): Promise<void> {
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(
    join(root, 'etc', 'passwd'),
    'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  );
  await writeFile(join(root, 'etc', 'group'), 'root:x:0:\nnogroup:x:65534:\n');
  await writeFile(join(root, 'etc', 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  for (const [folder, mode] of [
    ['root', 0o700],
    ['tmp', 0o1777],
    ['var/tmp', 0o1777],
  ] as const) {
    await mkdir(join(root, folder), { recursive: true });
    // Not what the umask makes of it.
    await chmod(join(root, folder), mode);
  }
}
