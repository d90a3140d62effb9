/** What was asked for: as a rule of a Role would name it. */
export interface Asked {
  readonly verb: string;
  /** e.g. `pods` or `pods/log` */
  readonly resource: string;
  readonly namespace: string;
  readonly name?: string;
}

/**
 * An answer other than success, or none. It carries what the Status object of the answer says, and never headers, which
 * may hold a token.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly asked: Asked;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** Machine-readable, e.g. `AlreadyExists`; the code of a network error when there was no answer. */
  readonly reason: string;
  readonly retryAfterMs: number | null;

  constructor(asked: Asked, answer: AnswerFacts) {
    super(answer.message);
    this.asked = asked;
    this.status = answer.status;
    this.reason = answer.reason;
    this.retryAfterMs = answer.retryAfterMs ?? null;
  }
}

interface AnswerFacts {
  readonly status: number | null;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterMs?: number | null;
}

/** Reads the Status object (API conventions, Response Status Kind) of an answer that is none of success. */
export function answeredError(asked: Asked, status: number, body: string, retryAfter: string | undefined): ApiError {
  const said = statusObject(body);
  const after = Number(retryAfter);
  return new ApiError(asked, {
    status,
    reason: said?.reason ?? '',
    message: (said?.message ?? `HTTP ${status}`).slice(0, 1_000),
    retryAfterMs: retryAfter !== undefined && Number.isFinite(after) ? after * 1_000 : null,
  });
}

/** No answer: refused, reset, timed out, not trusted. */
export function silentError(asked: Asked, error: unknown): ApiError {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const reason = typeof code === 'string' ? code : 'NoAnswer';
  return new ApiError(asked, { status: null, reason, message: String(message) });
}

export function isReason(error: unknown, reason: 'AlreadyExists' | 'NotFound' | 'Conflict'): boolean {
  return error instanceof ApiError && error.reason === reason;
}

/** 410: the server has forgotten the version that a watch began at. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

/** Worth asking again: overload, a server that restarts, a network that is gone. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === null || error.status === 429 || error.status >= 500;
}

function statusObject(body: string): { readonly reason?: string; readonly message?: string } | null {
  try {
    const said = JSON.parse(body) as { kind?: unknown; reason?: unknown; message?: unknown };
    if (said.kind !== 'Status') return null;
    return {
      ...(typeof said.reason === 'string' ? { reason: said.reason } : {}),
      ...(typeof said.message === 'string' ? { message: said.message } : {}),
    };
  } catch {
    return null;
  }
}
