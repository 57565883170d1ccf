// @ts-check
// How names are known, in words, and names as they are shown.

import { clean } from './units.js';

const SOURCES = /** @type {Record<string, string>} */ ({
  extension: 'named by the browser extension', sni: 'named in the TLS handshake', 'quic-sni': 'named in the QUIC handshake',
  'http-host': 'named in the HTTP request', 'h2-authority': 'named in the HTTP/2 request', connect: 'named in a proxy request',
  'http-target': 'named in a proxy request', dns: 'named in a DNS question', nbns: 'named in a NetBIOS question',
  'dns-answer': 'from a DNS answer before', rdns: 'reverse DNS', address: 'no name was seen',
});

/** A source in words. @param {string | undefined} source */
export const aboutSource = (source) => SOURCES[source ?? ''];

/** The whole name for a tooltip; where its letters are not those that a resolver is asked for, these too. @param {{name: string, shown?: string}} row */
export function whole({ name, shown = name }) {
  return shown === name ? clean(name) : `${clean(shown)} (${clean(name)})`;
}
