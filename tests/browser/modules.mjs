// The page's pure modules, without a browser: quantities, ranges, series, the event stream.

import assert from 'node:assert/strict';
import { against, called, changed, coarser, cycleDay, fromPast, periodOf, shade } from '../../src/dashboard/assets/js/past.js';
import { bounds, format, keyOf, parse, period, PRESETS, shift, wider, zoom } from '../../src/dashboard/assets/js/range.js';
import { both, fromLive, fromTimeline, gaps, mean, peak, rates } from '../../src/dashboard/assets/js/series.js';
import { SseParser } from '../../src/dashboard/assets/js/sse.js';
import { iso, instant, ticks } from '../../src/dashboard/assets/js/times.js';
import { clean, duration, joined, percent, rate, span, volume } from '../../src/dashboard/assets/js/units.js';
import { attempt } from './harness.mjs';

const plain = (figure) => joined(figure).replace('\u00a0', ' ');
const second = (at_s, bytes_in, gap_ms = 0, width_s = 1) => ({ at_s, epoch: 0, width_s, total: { bytes_in, bytes_out: 0 }, loss: { gap_ms } });

export async function modules() {
  await attempt('rates are bits or bytes, volumes IEC or SI', () => {
    assert.equal(plain(rate(125000, 'bit')), '1.00 Mbit/s');
    assert.equal(plain(rate(125000, 'byte')), '125 kB/s');
    assert.equal(plain(rate(0, 'bit')), '0 bit/s');
    assert.equal(plain(volume(1536, 'iec')), '1.50 KiB');
    assert.equal(plain(volume(1023.9 * 1024, 'iec')), '1.00 MiB');
    assert.equal(plain(volume(1500, 'si')), '1.50 kB');
    assert.equal(plain(duration(999_600)), '1.00 ms');
  });
  await attempt('a ratio below one is never shown as 100 %', () => {
    assert.equal(percent(0.999999).replace('\u00a0', ' '), '99.99 %');
    assert.equal(percent(1).replace('\u00a0', ' '), '100 %');
    assert.equal(percent(0.00001).replace('\u00a0', ' '), '< 0.01 %');
  });
  await attempt('spans are short', () => assert.deepEqual([12, 600, 15000, 200000].map((s) => span(s).replaceAll('\u00a0', ' ')), ['12 s', '10 min', '4 h 10 min', '2 d 7 h']));
  await attempt('what hides or reorders is made visible', () => assert.equal(clean('a\u202egpj.exe\u0000\u200b'), 'a\ufffdgpj.exe\ufffd\ufffd'));
  await attempt('a range goes to the URL and back', () => {
    for (const { range } of PRESETS) assert.deepEqual(parse(new URLSearchParams(format(range))), range);
    const own = { kind: 'fixed', from: 100, to: 160 };
    assert.deepEqual(parse(new URLSearchParams(format(own))), own);
    assert.equal(keyOf(own), null);
    assert.equal(keyOf(parse(new URLSearchParams('range=nonsense&from=9&to=3'))), 'live');
  });
  await attempt('bounds fit their step and stay small', () => {
    for (const { range } of PRESETS) {
      const { from, to, step } = bounds(range, 1767322801);
      assert.equal(from % step + to % step, 0);
      assert.ok((to - from) / step <= 452 && to >= 1767322801);
    }
    assert.equal(period({ kind: 'fixed', from: 1, to: 2 }, 1000), 0);
  });
  await attempt('zooming and shifting never pass now', () => {
    assert.equal(zoom({ kind: 'last', seconds: 3600 }, 2, 10000).to, 10000);
    assert.equal(shift({ kind: 'last', seconds: 3600 }, 0.5, 10000).to, 10000);
    assert.deepEqual(shift({ kind: 'fixed', from: 1000, to: 2000 }, -0.5, 10000), { kind: 'fixed', from: 500, to: 1500 });
    assert.equal(wider({ kind: 'live', seconds: 300 }, 10000)?.key, '15m');
  });
  await attempt('a gap is null, never zero', () => {
    assert.deepEqual(rates(second(5, 0, 1000)), [null, null]);
    assert.deepEqual(rates(second(5, 0)), [0, 0]);
    assert.deepEqual(rates(second(5, 300, 0, 1.5)), [200, 0]);
    const live = fromLive(new Map([[7, second(7, 10)], [9, second(9, 20)]]), null, 10, 5, 7);
    assert.deepEqual(live.at, [6, 7, 8, 9, 10]);
    assert.deepEqual(live.in, [null, 10, null, 20, null]);
    assert.equal(live.known, 9);
    assert.deepEqual(gaps(live.at, live.in, live.known, 1), [[6, 7], [7, 9]]);
  });
  await attempt('history is in rates, and a step that is not over is left out', () => {
    const timeline = { step_s: 10, committed_through: null, at_s: [0, 10, 20, 30], bytes_in: [100, null, 50, 7], bytes_out: [10, null, 0, 1], lived_ms: [10_000, 0, 9000, 6000] };
    const series = fromTimeline(timeline, 36, null);
    assert.deepEqual(series.in, [10, null, 5, null]);
    assert.equal(series.known, 20);
    assert.deepEqual(gaps(series.at, series.in, series.known, 10), [[0, 20]]);
    assert.deepEqual([peak(series.in), mean(series.in), mean([null])], [10, 7.5, null]);
  });
  await attempt('what was lived through twice is as long as it was', () => {
    const twice = { step_s: 1, committed_through: null, at_s: [7, 8, 9], bytes_in: [300, 100, null], bytes_out: [0, 50, null], lived_ms: [1500, 1000, 0] };
    assert.deepEqual(fromTimeline(twice, 100, null).in, [200, 100, null]);
    assert.deepEqual(fromLive(new Map(), twice, 9, 3, null).in, [200, 100, null]);
    const past = fromPast({ ...twice, step: 'seconds', step_s: 60, at_s: [0, 60, 120], to: new Date(180_000).toISOString(), lived_ms: [90_000, 60_000, 0], bytes_in: [180, 60, null] }, 1000);
    assert.deepEqual(past.in, [2, 1, null]);
    const full = { packets_in: 1, packets_out: 1 };
    const one = { ...second(7, 50, 0, 0.5), epoch: 0, cpu_ms: 1, total: { bytes_in: 50, bytes_out: 0, ...full } };
    const other = { ...second(7, 100), epoch: 1, cpu_ms: 2, total: { bytes_in: 100, bytes_out: 0, ...full } };
    const sum = both(one, other);
    assert.deepEqual([sum.total.bytes_in, sum.width_s, sum.cpu_ms, sum.epoch, rates(sum)[0]], [150, 1.5, 3, 1, 100]);
  });
  await attempt('a period is called by its zone’s date, and measured as far as it has come', () => {
    const period = (date) => ({ date, from: `${date}T00:00:00Z` });
    assert.equal(called('month', period('2026-03-01'), String), 'March 2026');
    assert.equal(called('year', period('2026-01-01'), String), '2026');
    assert.match(called('week', period('2026-03-30'), String), /^Week from .*30.*2026/);
    assert.deepEqual([periodOf({ period: 'nonsense' }).key, periodOf({ period: 'year' }).key], ['day', 'year']);
    assert.deepEqual(['0', '29', 'x', '28'].map((cycle_day) => cycleDay({ cycle_day })), [1, 1, 1, 28]);
    // Days of 23 and 24 hours, and one that has come to its first hour.
    const at = [0, 82800, 169200];
    const timeline = { step: 'day', step_s: null, at_s: at, to: new Date(255600000).toISOString(), bytes_in: [82800, null, 7200], bytes_out: [165600, null, 0], lived_ms: [82_800_000, 0, 3_600_000] };
    const series = fromPast(timeline, 169200 + 3603);
    assert.deepEqual([series.in, series.out, series.known], [[1, null, 2], [2, null, 0], 169200]);
    assert.deepEqual(fromPast(timeline, 169200 + 30).in, [1, null, null]);
  });
  await attempt('changes and shades', () => {
    assert.deepEqual([0.25, -0.5, 0.004, 19, null].map((one) => changed(one).replace('\u00a0', ' ')), ['+25 %', '−50 %', '+0.4 %', '×20', '']);
    assert.deepEqual([shade(0, 9, 6), shade(null, 9, 6), shade(1e-9, 9, 6), shade(9, 9, 6), shade(2.25, 9, 6)], [0, 0, 1, 6, 3]);
  });
  await attempt('a period is beside one that carried something, nothing, or was not watched', () => {
    const counts = (bytes_in) => ({ bytes_in, bytes_out: 0 });
    const of = (now, before, over = true) => ({ over, counts: counts(now), compared: before === null ? null : { counts: counts(now), before: counts(before) } });
    const told = (period, last) => against(period, last, 'bytes_in', 'day').replace('\u00a0', ' ');
    assert.equal(told(of(5, 4), of(4, null)), '+25 % against the day before');
    assert.equal(told(of(4, 4), of(4, null)), '+0 % against the day before');
    assert.equal(told(of(5, 0), of(0, null)), 'none the day before');
    assert.equal(told(of(0, 0), of(0, null)), 'none, as the day before');
    assert.equal(told(of(5, null), { counts: null }), 'nothing watched the day before');
    assert.equal(told(of(5, null), undefined), 'nothing watched the day before');
    assert.equal(told(of(5, null, false), of(4, null)), 'nothing of the day before to compare with yet');
    assert.equal(told({ over: true, counts: null, compared: null }, of(4, null)), 'not watched');
  });
  await attempt('what is left only in longer sums is asked for in longer steps', () => {
    const at = (hour) => new Date(hour * 3600000).toISOString();
    const line = (step_s, ...missing) => ({ step: step_s ? 'seconds' : 'day', step_s, from: at(0), to: at(24), missing: missing.map(([from, to]) => ({ from: at(from), to: at(to) })) });
    assert.equal(coarser('day', line(300, [0, 24])), 3600);
    assert.equal(coarser('day', line(300, [0, 7], [10, 16])), 3600);
    assert.equal(coarser('day', line(300, [0, 12])), undefined);
    assert.equal(coarser('day', line(3600, [0, 24])), undefined);
    assert.deepEqual([coarser('hour', line(10, [0, 24])), coarser('hour', line(60, [0, 24]))], [60, undefined]);
    assert.deepEqual([coarser('month', line(3600, [0, 24])), coarser('month', line(null, [0, 24]))], ['day', undefined]);
  });
  await attempt('events come whole out of any pieces', () => {
    const text = 'event: second\ndata: {"a":\ndata: 1}\n\n: still here\n\nevent: second\r\ndata: 2\r\n\r\ndata: 3\n\n';
    const wanted = [{ event: 'second', data: '{"a":\n1}' }, { event: 'second', data: '2' }, { event: 'message', data: '3' }];
    for (const size of [1, 2, 3, 7, text.length]) {
      const parser = new SseParser();
      const events = [];
      for (let i = 0; i < text.length; i += size) events.push(...parser.push(text.slice(i, i + size)));
      assert.deepEqual(events, wanted, `pieces of ${size}`);
    }
  });
  await attempt('times', () => {
    assert.equal(iso(1767323045), '2026-01-02T03:04:05Z');
    assert.equal(instant('2026-01-02T03:04:05Z'), 1767323045);
    assert.equal(instant(null), null);
    assert.match(ticks([1767311940, 1767312060], 120, 'utc').join(' '), /^23:59 .*(Jan|2)/);
  });
}
