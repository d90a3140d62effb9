import { defineQuery } from '@temporalio/workflow';
import type { Progress } from './domain/runbook.ts';

/** What a running or finished workflow has done and is doing: `temporal workflow query --type progress`. */
export const progressQuery = defineQuery<Progress>('progress');
