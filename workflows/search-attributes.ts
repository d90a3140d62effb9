import { defineSearchAttributeKey } from '@temporalio/common';

/** By these a run is found in the Temporal UI. The worker sees to it that the server knows them. */
export const SqlInstance = defineSearchAttributeKey('SqlInstance', 'KEYWORD');
export const SqlDatabase = defineSearchAttributeKey('SqlDatabase', 'KEYWORD_LIST');
export const BackupKind = defineSearchAttributeKey('BackupKind', 'KEYWORD');
export const RestorePoint = defineSearchAttributeKey('RestorePoint', 'DATETIME');
