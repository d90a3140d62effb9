import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, answeredError, isReason, mayPass, silentError, type Asked } from './api-error.ts';
import { linesOf } from './lines.ts';
import { pathOf, typeOf, type Kind, type Kinds, type ObjectRef } from './resources.ts';
import type { Request, Transport } from './transport.ts';

export interface Selection {
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string>>;
}

export interface Listed<K extends Kind> {
  readonly items: readonly Kinds[K][];
  readonly resourceVersion: string;
}

export interface WatchEvent<K extends Kind> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: Kinds[K];
}

export interface LogOptions {
  readonly container: string;
  readonly follow?: boolean;
  /** Of the container before its last restart. */
  readonly previous?: boolean;
  readonly tailLines?: number;
}

/** As a SelfSubjectAccessReview (authorization.k8s.io/v1) puts it. */
export interface Wish {
  readonly namespace: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** Of one object; all of them when absent. */
  readonly name?: string;
}

export interface RemovedRef extends ObjectRef {
  readonly uid?: string;
  readonly after?: 'pods';
}

/** The Kubernetes API, as far as the platform needs it. What it throws is an {@link ApiError}, or the signal's reason. */
export interface ClusterApi {
  /** Null when there is no such object. */
  get<K extends Kind>(kind: K, ref: ObjectRef, signal: AbortSignal): Promise<Kinds[K] | null>;
  list<K extends Kind>(kind: K, selection: Selection, signal: AbortSignal): Promise<Listed<K>>;
  create<K extends Kind>(kind: K, namespace: string, object: Kinds[K], signal: AbortSignal): Promise<Kinds[K]>;
  /**
   * What depends on the object is removed after it.
   * @param ref with a uid: only that very object, not another one of the name; `after` its pods: it stays, on its way
   *   out, for as long as one of them is there
   * @returns false when there was none
   */
  remove(kind: Kind, ref: RemovedRef, signal: AbortSignal): Promise<boolean>;
  /** Ends when the server ends it, after some minutes. */
  watch<K extends Kind>(
    kind: K,
    selection: Selection,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<K>>;
  /** Does the cluster let us do this? Everybody who is known to it may ask that of himself. */
  mayI(wish: Wish, signal: AbortSignal): Promise<{ readonly allowed: boolean; readonly reason: string }>;
  /** Ends when the container has, or the connection. */
  log(pod: ObjectRef, options: LogOptions, signal: AbortSignal): AsyncIterable<string>;
}

/** How long an answer may take. */
const answerMs = 30_000;
/** A watch hears of something, if only a bookmark, about every minute; a longer silence is a dead connection. */
const silenceMs = 150_000;
const watchSeconds = 300;
const pausesMs = [100, 400, 1_000, 2_500];
const longestPauseMs = 5_000;

export function openClusterApi(transport: Transport): ClusterApi {
  async function ask<T>(asked: Asked, request: Omit<Request, 'signal'>, signal: AbortSignal): Promise<T> {
    for (let n = 0; ; n += 1) {
      try {
        const answer = await open(asked, request, AbortSignal.any([signal, AbortSignal.timeout(answerMs)]));
        return JSON.parse(await textOf(answer)) as T;
      } catch (error) {
        signal.throwIfAborted();
        const known = error instanceof ApiError ? error : silentError(asked, error);
        const wait = pausesMs[n];
        if (wait === undefined || !mayPass(known)) throw known;
        await pause(Math.min(known.retryAfterMs ?? wait, longestPauseMs), undefined, { signal });
      }
    }
  }

  /** The answer's head; its body is still to be read. */
  async function open(asked: Asked, request: Omit<Request, 'signal'>, signal: AbortSignal): Promise<IncomingMessage> {
    const answer = await transport({ ...request, signal });
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw answeredError(asked, status, await textOf(answer), answer.headers['retry-after']);
  }

  /** A long answer, line by line, with an end when nothing comes for too long. */
  async function* stream(
    asked: Asked,
    path: string,
    silence: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const idle = new AbortController();
    const either = AbortSignal.any([signal, idle.signal]);
    let timer: NodeJS.Timeout | null = setTimeout(() => idle.abort(), answerMs);
    try {
      const answer = await open(asked, { method: 'GET', path }, either);
      clearTimeout(timer);
      timer = silence === null ? null : setTimeout(() => idle.abort(), silence);
      for await (const line of linesOf(answer as AsyncIterable<Buffer>)) {
        timer?.refresh();
        yield line;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ApiError ? error : silentError(asked, error);
    } finally {
      clearTimeout(timer ?? undefined);
      idle.abort();
    }
  }

  return {
    async get(kind, { namespace, name }, signal) {
      const asked = { verb: 'get', resource: kind, namespace, name };
      try {
        return await ask(asked, { method: 'GET', path: pathOf(kind, namespace, name) }, signal);
      } catch (error) {
        if (isReason(error, 'NotFound')) return null;
        throw error;
      }
    },

    async list<K extends Kind>(kind: K, selection: Selection, signal: AbortSignal): Promise<Listed<K>> {
      const { namespace } = selection;
      const path = `${pathOf(kind, namespace)}${queryOf(selection)}`;
      const asked = { verb: 'list', resource: kind, namespace };
      const list = await ask<ListObject<K>>(asked, { method: 'GET', path }, signal);
      // Items of a list come without the kind that the list is of.
      const items = list.items.map((item) => ({ ...typeOf(kind), ...item }));
      return { items, resourceVersion: list.metadata.resourceVersion };
    },

    create(kind, namespace, object, signal) {
      const named = object.metadata?.name;
      const asked = { verb: 'create', resource: kind, namespace, ...(named === undefined ? {} : { name: named }) };
      const body = { ...typeOf(kind), ...object };
      return ask(asked, { method: 'POST', path: pathOf(kind, namespace), body }, signal);
    },

    async remove(kind, { namespace, name, uid, after }, signal) {
      const asked = { verb: 'delete', resource: kind, namespace, name };
      const preconditions = uid === undefined ? {} : { preconditions: { uid } };
      const propagationPolicy = after === 'pods' ? 'Foreground' : 'Background';
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, ...preconditions };
      try {
        await ask(asked, { method: 'DELETE', path: pathOf(kind, namespace, name), body }, signal);
        return true;
      } catch (error) {
        if (isReason(error, 'NotFound') || (uid !== undefined && isReason(error, 'Conflict'))) return false;
        throw error;
      }
    },

    async *watch<K extends Kind>(kind: K, selection: Selection, resourceVersion: string, signal: AbortSignal) {
      const { namespace } = selection;
      const how = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(watchSeconds), resourceVersion };
      const path = `${pathOf(kind, namespace)}${queryOf(selection, how)}`;
      const asked = { verb: 'watch', resource: kind, namespace };
      for await (const line of stream(asked, path, silenceMs, signal)) {
        if (line.trim() === '') continue;
        const event = JSON.parse(line) as WatchEvent<K> | { readonly type: 'ERROR'; readonly object: StatusObject };
        if (event.type !== 'ERROR') yield event;
        else throw answeredError(asked, event.object.code ?? 500, JSON.stringify(event.object), undefined);
      }
    },

    async mayI(wish, signal) {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const asked = { verb: 'create', resource: 'selfsubjectaccessreviews', namespace: wish.namespace };
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: wish },
      };
      const { status } = await ask<AccessReview>(asked, { method: 'POST', path, body }, signal);
      return { allowed: status?.allowed ?? false, reason: status?.reason ?? '' };
    },

    log({ namespace, name }, { container, follow = false, previous = false, tailLines }, signal) {
      const query = new URLSearchParams({ container, follow: String(follow), previous: String(previous) });
      if (tailLines !== undefined) query.set('tailLines', String(tailLines));
      const asked = { verb: 'get', resource: 'pods/log', namespace, name };
      return stream(
        asked,
        `${pathOf('pods', namespace, name)}/log?${query.toString()}`,
        follow ? null : answerMs,
        signal,
      );
    },
  };
}

interface ListObject<K extends Kind> {
  readonly items: readonly Kinds[K][];
  readonly metadata: { readonly resourceVersion: string };
}

interface AccessReview {
  readonly status?: { readonly allowed?: boolean; readonly reason?: string };
}

interface StatusObject {
  readonly code?: number;
}

function queryOf({ labels, fields }: Selection, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(more);
  const text = (wanted: Readonly<Record<string, string>>): string =>
    Object.entries(wanted)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
  if (labels !== undefined) query.set('labelSelector', text(labels));
  if (fields !== undefined) query.set('fieldSelector', text(fields));
  return query.size === 0 ? '' : `?${query.toString()}`;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const piece of answer as AsyncIterable<string>) text += piece;
  return text;
}
