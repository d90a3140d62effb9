import type { Verified } from '../../workflows/contracts.ts';
import type { Reach } from '../../workflows/domain/plan-types.ts';
import { megabytes } from '../../workflows/domain/words.ts';
import type { DatabaseProof, FullCertificate, ProvenBackup } from './certificate.ts';

const reachWords: Readonly<Record<Reach, string>> = {
  'stops-inside': 'stopped at the target inside the last log backup',
  'nothing-between': 'end of the last log backup; nothing was committed between it and the target',
  'end-of-backups': 'end of all backups',
};

/** The certificate for people. */
export function certificateMarkdown(certificate: FullCertificate): string {
  const { restore, databases, proofs, verified } = certificate;
  const proofOf = new Map(proofs.map((proof) => [proof.database, proof]));
  const verifiedOf = new Map(verified.map((each) => [each.database, each]));
  const rows = databases.map(({ database, targetDatabase, lsn, reach }) =>
    row(
      database,
      targetDatabase,
      lsn,
      reachWords[reach],
      seconds(proofOf.get(database)?.rpoSeconds ?? 0),
      verdict(verifiedOf.get(database)),
    ),
  );
  return [
    `# Recovery certificate`,
    '',
    `Databases of **${restore.source}** were restored on **${restore.target}** to **${certificate.targetTime}** (asked for: ${text(restore.requested)}).`,
    '',
    '| | |',
    '|---|---|',
    row('RPO', `${seconds(certificate.rpoSeconds)}: so long the target moment stayed unprotected`),
    row('RTO of the job', seconds(certificate.rtoJobSeconds)),
    row('RTO end to end', seconds(certificate.rtoEndToEndSeconds)),
    row('Requested at', restore.requestedAt),
    row('Completed at', certificate.completedAt),
    row('Workflow', `${restore.workflowId} / ${restore.runId}`),
    row('Plan', `${restore.planPath}, SHA-256 ${restore.planDigest}`),
    '',
    '| database | restored as | reached LSN | how | RPO | verified |',
    '|---|---|---|---|---:|---|',
    ...rows,
    ...proofs.flatMap(proofSection),
    '',
  ].join('\n');
}

function verdict(verified: Verified | undefined): string {
  if (verified === undefined) return 'no';
  const validations = verified.validations.length;
  const parts = [
    verified.online ? 'online' : 'not online',
    verified.writable ? 'writable' : 'not writable',
    verified.checkDb === 'clean' ? 'DBCC CHECKDB clean' : null,
    validations > 0 ? `${validations} of ${validations} queries as expected` : null,
    verified.repairedUsers.length > 0 ? `users linked: ${verified.repairedUsers.join(', ')}` : null,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function proofSection({ database, backups, notListed, totalBytes }: DatabaseProof): string[] {
  return [
    '',
    `## ${text(database)}`,
    '',
    `${backups.length + notListed} backups, ${megabytes(totalBytes)}.`,
    '',
    '| kind | finished | last LSN | file | SHA-256 |',
    '|---|---|---|---|---|',
    ...backups.flatMap(backupRows),
    ...(notListed > 0 ? ['', `${notListed} more backups are named by the plan.`] : []),
  ];
}

function backupRows({ kind, finishedAt, lastLsn, files }: ProvenBackup): string[] {
  return files.map((file) => row(kind, finishedAt, lastLsn, file.name, file.sha256));
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map(text).join(' | ')} |`;
}

/** A database may be called anything; in a table it must stay in its cell. */
function text(value: string): string {
  return value.replace(/[\\|`*_<>[\]#]/g, (c) => `\\${c}`).replace(/\s+/g, ' ');
}
