import { readFile } from 'node:fs/promises';
import type { SecretReference } from '../../../workflows/domain/settings.ts';
import { errnoOf } from '../../executor/io/errors.ts';
import { failure } from '../../failure.ts';

/**
 * The secret behind a reference, read anew each time so that a rotated one is used without a restart. The newline that
 * editors and `kubectl create secret` leave at the end is not part of it.
 * @param whose for the error, which names the reference and never the value
 */
export async function resolveSecret(reference: SecretReference, whose: string): Promise<string> {
  const [value, where] =
    'env' in reference
      ? [process.env[reference.env], `the environment variable ${reference.env}`]
      : [await readReference(reference.file, whose), `the file ${reference.file}`];
  if (value === undefined) throw failure('LoginFailed', `The password of ${whose} is missing: ${where} is not set`);
  const secret = value.replace(/\r?\n$/, '');
  if (secret === '') throw failure('LoginFailed', `The password of ${whose} is missing: ${where} is empty`);
  return secret;
}

/** Text of a file that temporal.yaml refers to. */
export async function readReference(path: string, whose: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw failure('LoginFailed', `The file ${path} of ${whose} cannot be read: ${errnoOf(error) ?? 'unknown error'}`);
  }
}
