// @ts-check
// Asking the service: each request bears the token, each failure becomes a sentence.

import { refused, token } from './session.js';

const PATIENCE_MS = 15000;

/** What went wrong, to be shown. `kind` is `unreachable`, `unauthorised` or `refused`. */
export class Problem extends Error {
  /** @param {string} kind @param {string} message */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/**
 * @param {string} path
 * @param {Record<string, any>} params arrays are repeated
 * @param {AbortSignal} signal
 */
export async function get(path, params, signal) {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const response = await request(path, params, limit);
  return response.json();
}

/** @param {string} path @param {Record<string, any>} params @param {AbortSignal} signal */
export async function request(path, params, signal) {
  let response;
  try {
    response = await fetch(path + query(params), { headers: { authorization: `Bearer ${token() ?? ''}` }, signal, cache: 'no-store' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem('unreachable', 'The service does not answer.');
  }
  if (!response.ok) throw await failure(response);
  return response;
}

/** @param {Response} response */
async function failure(response) {
  if (response.status === 401) {
    refused();
    return new Problem('unauthorised', 'The access token is missing or no longer valid.');
  }
  const told = await response.json().catch(() => ({}));
  return new Problem('refused', told.detail ?? told.title ?? `The service answered ${response.status}.`);
}

/** @param {Record<string, any>} params */
function query(params) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text && `?${text}`;
}
