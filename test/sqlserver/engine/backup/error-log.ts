import type { EngineInstance } from '../instance.ts';
import { lsnAt, lsnText } from '../log/lsn.ts';
import { errorLogDate } from '../moment.ts';
import { BACKUP_TYPE } from './set.ts';
import type { BackupSet } from './set.ts';
import type { OpenedMedia } from './stripes.ts';

const NO_ACTION = 'This is an informational message only. No user action is required.';

export function deviceInformation(position: number, mediaName: string | null, paths: readonly string[]): string {
  const media = mediaName === null ? '' : ` MEDIANAME='${mediaName}':`;
  return `(FILE=${position}, TYPE=DISK${media === '' ? ':' : `,${media}`} {${paths.map((p) => `'${p}'`).join(', ')}})`;
}

/** 18264, 18265 and 18270. */
export function logBackedUp(instance: EngineInstance, set: BackupSet, media: OpenedMedia, done: string): void {
  const devices = deviceInformation(
    set.position,
    media.headers[0]?.name ?? null,
    media.stripes.map((s) => s.path),
  );
  const first = `first LSN: ${lsnText(lsnAt(set.first))}, last LSN: ${lsnText(lsnAt(set.last))}`;
  const dumped = `number of dump devices: ${media.stripes.length}, device information: ${devices}. ${NO_ACTION}`;
  const created = `${set.databaseName}, creation date(time): ${errorLogDate({ ticks: set.databaseCreationTicks })}`;
  const pages = `pages dumped: ${set.dataPages + set.logPages}`;
  switch (set.type) {
    case BACKUP_TYPE.full:
      instance.errorLog.write('Backup', `Database backed up. Database: ${created}, ${pages}, ${first}, ${dumped}`);
      break;
    case BACKUP_TYPE.differential: {
      const base = `full backup LSN: ${lsnText(lsnAt(set.base?.position ?? 0))}`;
      instance.errorLog.write(
        'Backup',
        `Database differential changes were backed up. Database: ${created}, ${pages}, ${first}, ${base}, ${dumped}`,
      );
      break;
    }
    case BACKUP_TYPE.log:
      instance.errorLog.write('Backup', `Log was backed up. Database: ${created}, ${first}, ${dumped}`);
      break;
  }
  instance.errorLog.write('Backup', done);
}
