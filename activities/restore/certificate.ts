import type { Activities, Certificate, CertificateInput } from '../../workflows/contracts.ts';
import { storedBytes, type BackupKind } from '../../workflows/domain/backup-set.ts';
import { rpoSeconds, rto } from '../../workflows/domain/certificate.ts';
import type { RestoreStep } from '../../workflows/domain/plan-types.ts';
import { now, taskControl, type ActivityDeps } from '../deps.ts';
import { layout } from '../executor/store/layout.ts';
import { withHeartbeat, type Pulse } from '../heartbeat.ts';
import { openMetrics } from '../metrics.ts';
import { certificateMarkdown } from './certificate-markdown.ts';
import { readPlan } from './plan-reader.ts';

/** The certificate in full, as it lies in the store. */
export interface FullCertificate extends Certificate {
  readonly formatVersion: 1;
  readonly restore: Omit<CertificateInput, 'reached' | 'verified'>;
  readonly proofs: readonly DatabaseProof[];
  readonly verified: CertificateInput['verified'];
}

export interface DatabaseProof {
  readonly database: string;
  readonly backups: readonly ProvenBackup[];
  /** Backups of a very long chain that are not listed here; the plan names them, and its digest stands for them. */
  readonly notListed: number;
  readonly totalBytes: number;
  readonly rpoSeconds: number;
}

export interface ProvenBackup {
  readonly id: string;
  readonly kind: BackupKind;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly lastLsn: string;
  readonly files: readonly { readonly name: string; readonly sizeBytes: number; readonly sha256: string }[];
}

const stepsAtOnce = 500;
const listedBackups = 2_000;

/** Writes down what the restore proves, as JSON for programs and as Markdown for people. */
export function writeCertificate(deps: ActivityDeps): Activities['writeCertificate'] {
  return ({ reached, verified, ...restore }) =>
    withHeartbeat(async (pulse) => {
      const proofs: DatabaseProof[] = [];
      let targetTime = '';
      for (const { database } of reached) {
        pulse.report({ certifying: database, done: proofs.length, of: reached.length });
        const proof = await prove(deps, restore, database, pulse);
        proofs.push(proof.proof);
        targetTime = proof.targetTime;
      }
      const completedAt = new Date(now(deps)).toISOString();
      const folder = layout.restore(restore.source, restore.restoreId);
      const certificate: Certificate = {
        path: `${folder}/certificate.json`,
        targetTime,
        completedAt,
        rpoSeconds: Math.max(0, ...proofs.map((proof) => proof.rpoSeconds)),
        ...rto({ requestedAt: restore.requestedAt, startedAt: restore.startedAt, completedAt }),
        databases: reached,
      };
      const full: FullCertificate = { formatVersion: 1, ...certificate, restore, verified, proofs };
      const files = [
        { path: `${folder}/certificate.md`, text: certificateMarkdown(full) },
        { path: certificate.path, text: `${JSON.stringify(full, null, 2)}\n` },
      ];
      await deps.platform.runOnStore(restore.source, 'writeFiles', { files }, taskControl(pulse));
      openMetrics(deps).restored(restore.source, {
        rpoSeconds: certificate.rpoSeconds,
        rtoSeconds: certificate.rtoEndToEndSeconds,
        bytes: proofs.reduce((sum, proof) => sum + proof.totalBytes, 0),
        databases: proofs.length,
      });
      return certificate;
    });
}

async function prove(
  deps: ActivityDeps,
  restore: FullCertificate['restore'],
  database: string,
  pulse: Pulse,
): Promise<{ readonly proof: DatabaseProof; readonly targetTime: string }> {
  const backups: ProvenBackup[] = [];
  let totalBytes = 0;
  let last: RestoreStep | undefined;
  const first = await readPlan(deps, { ...restore, database }, [0, 1], taskControl(pulse));
  for (let from = 0; from < first.stepCount; from += stepsAtOnce) {
    const slice = [from, Math.min(from + stepsAtOnce, first.stepCount)] as const;
    const { steps } = await readPlan(deps, { ...restore, database }, slice, taskControl(pulse));
    for (const step of steps) {
      totalBytes += storedBytes(step.set);
      if (backups.length < listedBackups) backups.push(provenBackup(step));
      last = step;
    }
  }
  const rpo = last === undefined ? 0 : rpoSeconds(Date.parse(first.targetTime), last.set);
  const notListed = first.stepCount - backups.length;
  return { proof: { database, backups, notListed, totalBytes, rpoSeconds: rpo }, targetTime: first.targetTime };
}

function provenBackup({ set }: RestoreStep): ProvenBackup {
  const { id, kind, startedAt, finishedAt, lastLsn, files } = set;
  return { id, kind, startedAt, finishedAt, lastLsn, files };
}
