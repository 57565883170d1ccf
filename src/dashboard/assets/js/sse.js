// @ts-check
// Server-sent events out of a byte stream: pieces in, whole events out. Pure.

export class SseParser {
  #rest = '';
  #event = '';
  /** @type {string[]} */
  #data = [];

  /** @param {string} piece @returns {{event: string, data: string}[]} */
  push(piece) {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line));
  }

  /** @param {string} line */
  #line(line) {
    if (line === '') return this.#flush();
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') this.#event = value;
    if (name === 'data') this.#data.push(value);
    return [];
  }

  #flush() {
    const whole = this.#data.length ? [{ event: this.#event || 'message', data: this.#data.join('\n') }] : [];
    this.#event = '';
    this.#data = [];
    return whole;
  }
}
