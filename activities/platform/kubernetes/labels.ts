/** Labels and annotations of what the platform makes. */
export const labels = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  /** Instance that a Job works on, or that a target is. */
  instance: 'mssql-pitr/instance',
  task: 'mssql-pitr/task',
  /** Of a Job and its pods: changes when a Job is made anew under the same name. */
  start: 'mssql-pitr/start',
  runId: 'mssql-pitr/run-id',
  /** Of everything that a restore made. */
  restore: 'mssql-pitr/restore-id',
} as const;

export const annotations = {
  workflowId: 'mssql-pitr/workflow-id',
  activity: 'mssql-pitr/activity',
  /** Of an executor's pod: what it is to do. */
  task: 'mssql-pitr/task',
  /** Instance that a target was made like. */
  source: 'mssql-pitr/source',
} as const;

export const product = 'mssql-pitr';

/** On every object, so that people and policies know it. */
export function commonLabels(component: 'executor' | 'target'): Record<string, string> {
  return { [labels.name]: product, [labels.component]: component, [labels.managedBy]: product };
}

/** A text as a label's value: those may not hold everything and are short. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
