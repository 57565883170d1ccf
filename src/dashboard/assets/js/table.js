// @ts-check
// Real tables: sortable heads that say their order, rows reused so that focus and selection stay,
// names that keep their end when they are cut.

import { give, h, say, widen } from './dom.js';
import { clean } from './units.js';

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} label
 * @property {(row: Row) => string} [text]
 * @property {(row: Row) => number | string} [sort] makes the column sortable
 * @property {(row: Row) => string | undefined} [title]
 * @property {string} [kind] `name` (takes what room there is), `label`, `number` or `bar`; and `minor` for what small screens leave out
 * @property {(cell: HTMLTableCellElement, row: Row, rows: Row[]) => void} [draw] draws the cell itself
 */

/**
 * @template Row
 * @param {{caption: string, columns: Column<Row>[], order?: string}} options
 */
export function table({ caption, columns, order }) {
  const heads = columns.map((column) => head(column, () => turn(column)));
  const body = h('tbody');
  const element = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, h('tr', {}, ...heads)), body));
  let sorted = { label: order ?? '', down: true };
  /** @type {Row[]} */
  let shown = [];
  /** @type {Row[]} */
  let last = [];

  /** Names start at A, numbers at the largest. @param {Column<Row>} column */
  function turn({ label, kind }) {
    sorted = { label, down: sorted.label === label ? !sorted.down : !kind?.match(/name|label/) };
    draw();
  }
  function draw() {
    const column = columns.find((one) => one.label === sorted.label);
    columns.forEach((one, i) => one.sort && give(heads[i], 'aria-sort', one === column ? (sorted.down ? 'descending' : 'ascending') : 'none'));
    const rows = [...arrange(shown, column, sorted.down), ...last];
    while (body.rows.length > rows.length) body.deleteRow(-1);
    rows.forEach((row, i) => fill(body.rows[i] ?? body.insertRow(), columns, row, rows, i >= shown.length));
  }
  return {
    element,
    /** @param {Row[]} rows @param {Row[]} [rest] rows that stay at the end, such as `other` */
    set(rows, rest = []) {
      [shown, last] = [rows, rest];
      draw();
    },
  };
}

/** @template Row @param {Column<Row>} column @param {() => void} turn */
function head(column, turn) {
  const inner = column.sort ? h('button', { type: 'button', class: 'sort', onclick: turn }, column.label) : column.label;
  return h('th', { scope: 'col', class: column.kind }, inner);
}

/** @template Row @param {Row[]} rows @param {Column<Row> | undefined} column @param {boolean} down */
function arrange(rows, column, down) {
  const by = column?.sort;
  if (!by) return rows;
  const order = (/** @type {Row} */ a, /** @type {Row} */ b) => {
    const [x, y] = [by(a), by(b)];
    return typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y);
  };
  return [...rows].sort((a, b) => (down ? -order(a, b) : order(a, b)));
}

/** @template Row @param {HTMLTableRowElement} line @param {Column<Row>[]} columns @param {Row} row @param {Row[]} rows @param {boolean} rest */
function fill(line, columns, row, rows, rest) {
  give(line, 'class', rest ? 'rest' : null);
  columns.forEach((column, i) => {
    const cell = line.cells[i] ?? insert(line, column.kind, i);
    if (column.draw) column.draw(cell, row, rows);
    else say(cell, column.text?.(row) ?? '');
    if (column.title) give(cell, 'title', column.title(row));
  });
}

/** @param {HTMLTableRowElement} line @param {string | undefined} kind @param {number} i */
function insert(line, kind, i) {
  const cell = i === 0 ? h('th', { scope: 'row' }) : h('td');
  if (kind) cell.className = kind;
  line.append(cell);
  return /** @type {HTMLTableCellElement} */ (cell);
}

const TAIL = 14;

/**
 * A name from the network: whole in the tooltip, cut in its middle where it must be; behind it a tag and what that means.
 * @param {HTMLTableCellElement} cell @param {string} name @param {{title?: string, tag?: string, about?: string}} [more]
 */
export function drawName(cell, name, { title, tag = '', about } = {}) {
  const shown = clean(name);
  const whole = title ?? shown;
  if (cell.dataset.name === whole && cell.dataset.tag === tag) return;
  cell.dataset.name = whole;
  cell.dataset.tag = tag;
  const cut = /^[\x20-\x7e]+$/.test(shown) && shown.length > 2 * TAIL ? shown.length - TAIL : shown.length;
  cell.replaceChildren(h('span', { class: 'named', title: whole },
    h('bdi', { class: 'name-head' }, shown.slice(0, cut)),
    cut < shown.length && h('bdi', { class: 'name-tail' }, shown.slice(cut)),
    tag && h('span', { class: 'tag', title: about }, tag)));
}

/** Below the name: in and out side by side, against the largest row. @param {HTMLTableCellElement} cell @param {{bytes_in: number, bytes_out: number}} row @param {number} most */
export function drawBar(cell, row, most) {
  if (!cell.querySelector('.meter')) {
    cell.append(h('span', { class: 'meter thin', 'aria-hidden': 'true' }, h('span', { class: 'fill in' }), h('span', { class: 'fill out' })));
  }
  const [into, out] = /** @type {HTMLElement[]} */ ([...(cell.lastElementChild?.children ?? [])]);
  widen(into, row.bytes_in / most);
  widen(out, row.bytes_out / most);
}
