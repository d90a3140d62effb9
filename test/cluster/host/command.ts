import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class CommandFailed extends Error {
  readonly code: number | null;
  readonly stderr: string;

  constructor(command: string, code: number | null, stdout: string, stderr: string) {
    super(`${command}: ended with ${code ?? 'a signal'}: ${(stderr.trim() || stdout.trim()).slice(-2_000)}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/** Runs a program to its end, without a shell, and returns what it wrote to its standard output. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { input = '', cwd, env = {} } = options;
  const child = spawn(command, args, { ...(cwd ? { cwd } : {}), env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that does not read its input closes it; its exit code says whether that was an error.
  child.stdin.on('error', () => undefined).end(input);
  const ended = Promise.withResolvers<number | null>();
  child.once('error', ended.reject).once('close', ended.resolve);
  const code = await ended.promise;
  if (code !== 0) throw new CommandFailed([command, ...args].join(' ').slice(0, 300), code, stdout, stderr);
  return stdout;
}
