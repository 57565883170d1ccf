// @ts-check
// How names and owners are known, in words, and names as they are shown.

import { clean } from './units.js';

const SOURCES = /** @type {Record<string, string>} */ ({
  extension: 'named by the browser extension', sni: 'named in the TLS handshake', 'quic-sni': 'named in the QUIC handshake',
  'http-host': 'named in the HTTP request', 'h2-authority': 'named in the HTTP/2 request', connect: 'named in a proxy request',
  'http-target': 'named in a proxy request', dns: 'named in a DNS question', nbns: 'named in a NetBIOS question',
  'dns-answer': 'from a DNS answer before', rdns: 'reverse DNS', address: 'no name was seen',
});

const RUNGS = /** @type {Record<string, string>} */ ({
  kernel: 'told by the kernel as the socket was used', pktap: 'told by the capture with each packet',
  exact: 'a socket with these very addresses and ports', wildcard: 'an unconnected socket at this port',
  port: 'whoever listens at this port', late: 'who had it a moment before', unknown: 'nobody was found',
});

/** Ways to know a name, and an owner, best first. */
export const SOURCE_ORDER = Object.keys(SOURCES);
export const RUNG_ORDER = Object.keys(RUNGS);

/** How an owner is known, in words. @param {string | undefined} rung */
export const aboutRung = (rung) => RUNGS[rung ?? ''];

const MEANS = /** @type {Record<string, string>} */ ({
  kernel: 'by programs in the kernel', pktap: 'by the capture itself', sockets: 'by asking the tables of sockets',
});

/** By what owners are found now, and what is not known without better means. @param {import('../../shapes').Owners | undefined} owners */
export function aboutOwners(owners) {
  if (!owners) return '';
  if (!owners.rung) return `Nobody looks for owners now${owners.reason ? `: ${clean(owners.reason)}` : ''}.`;
  const better = owners.rungs.slice(0, owners.rungs.findIndex((one) => one.rung === owners.rung) + 1);
  const why = better.filter((one) => one.reason && one.state !== 'not-here').map((one) => ` ${one.rung}: ${clean(one.reason ?? '')}.`);
  return `Owners are found ${MEANS[owners.rung] ?? owners.rung}.${why.join('')}`;
}

/** A source in words. @param {string | undefined} source */
export const aboutSource = (source) => SOURCES[source ?? ''];

/** The whole name for a tooltip; where its letters are not those that a resolver is asked for, these too. @param {{name: string, shown?: string}} row */
export function whole({ name, shown = name }) {
  return shown === name ? clean(name) : `${clean(shown)} (${clean(name)})`;
}
