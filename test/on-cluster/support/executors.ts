import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unpackTask } from '../../../activities/executor/program/task-file.ts';
import { mounts, type ProgramTask, type ProgramTaskName } from '../../../activities/executor/program/tasks.ts';
import type { OwnCluster } from '../../cluster/cluster.ts';
import { isRunning, type ProcessId } from '../../cluster/host/processes.ts';
import { until } from '../../support/until.ts';
import { podProcesses, readIfThere, type PodProcess } from './pod-processes.ts';

/** The process of a Job, standing still. */
export interface Executor {
  readonly pid: number;
  readonly pod: string;
  /** The pod's Job. */
  readonly job: string;
  readonly node: string;
  readonly task: ProgramTask;
  /** Lets it go on by a few milliseconds at a time until a probe holds; then it stands still again. */
  stepUntil(what: string, probe: () => boolean | Promise<boolean>): Promise<void>;
  /** Lets it go on. */
  go(): void;
  ended(): Promise<void>;
}

const stepMs = 5;

/**
 * Waits for the next executor that begins one of some tasks, and stops its process before it has done anything. So a test needs no
 * luck to be in the middle of what takes milliseconds.
 */
export function nextExecutor(own: OwnCluster, ...tasks: readonly ProgramTaskName[]): Promise<Executor> {
  const passed = new Set(executors(own).map(({ id }) => key(id)));
  return until(`an executor that begins ${tasks.join(' or ')}`, async () => {
    for (const { id, node } of executors(own)) {
      if (passed.has(key(id)) || !(await stop(id))) continue;
      const found = await taskOf(id.pid);
      if (found !== null && tasks.includes(found.task)) return executorOf(id, node, found);
      process.kill(id.pid, 'SIGCONT');
      passed.add(key(id));
    }
    return null;
  });
}

function executorOf(id: ProcessId, node: string, task: ProgramTask): Executor {
  const pod = readFileSync(`/proc/${id.pid}/root/etc/hostname`, 'utf8').trim();
  const go = (): void => void process.kill(id.pid, 'SIGCONT');
  return {
    pid: id.pid,
    pod,
    job: pod.replace(/-[a-z0-9]+$/, ''),
    node,
    task,
    go,
    async stepUntil(what, probe) {
      await until(what, async () => {
        if (await probe()) return true;
        if (!isRunning(id)) throw new Error(`${pod} ended before ${what}`);
        go();
        await pause(stepMs);
        await stop(id);
        return false;
      });
    },
    ended: async () => void (await until(`the end of ${pod}`, () => !isRunning(id))),
  };
}

const executors = (own: OwnCluster): readonly PodProcess[] =>
  podProcesses(own).filter(({ command }) => command.includes('activities/executor/main.ts'));

/** False when it has ended. */
async function stop(id: ProcessId): Promise<boolean> {
  try {
    process.kill(id.pid, 'SIGSTOP');
    // proc(5), /proc/pid/stat: the state comes after the name in parentheses.
    await until(`${id.pid} to stand still`, () => !isRunning(id) || / T /.test(readIfThere(`/proc/${id.pid}/stat`)));
    return isRunning(id);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function taskOf(pid: number): Promise<ProgramTask | null> {
  const folder = join(`/proc/${pid}/root`, mounts.task);
  try {
    return await unpackTask((name) => readFile(join(folder, name)).catch(() => null));
  } catch {
    return null;
  }
}

const key = ({ pid, ticks }: ProcessId): string => `${pid} ${ticks}`;
