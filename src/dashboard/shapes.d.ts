/** The API's answers as `docs/api.md` gives them: types for the editor and for `tsc`, never shipped. */

export type Traffic = { bytes_in: number; bytes_out: number; packets_in: number; packets_out: number };
export type Loss = {
  kernel_packets: number; interface_packets: number; ring_packets: number; ring_bytes: number; gap_ms: number;
};
export type Span = { from: string; to: string };
export type Second = {
  at_s: number; epoch: number; width_s: number; provisional: boolean; committed_through: string | null;
  total: Traffic; interfaces: (Traffic & { name: string; role: string })[]; classes: (Traffic & { name: string })[];
  loss: Loss; flows: number; flows_opened: number; cpu_ms: number; resident_bytes: number;
};
export type Stats = Traffic & {
  from: string; to: string; interfaces: string[]; flows_opened: number; loss: Loss;
  unflowed: (Traffic & { reason: string })[]; late_frames: number; untimed_frames: number; tier: string;
  missing: Span[];
};
export type Timeline = {
  from: string; to: string; step: string; step_s: number | null; tier: string; missing: Span[]; committed_through: string | null; at_s: number[];
  bytes_in: (number | null)[]; bytes_out: (number | null)[]; lived_ms: number[]; gap_ms: number[];
};
export type Compared = { until: string; counts: Traffic; before: Traffic; gap_ms: number; before_gap_ms: number; change: number | null };
export type Period = {
  date: string; from: string; to: string; length_s: number; over: boolean; counts: Traffic | null;
  lost_packets: number; gap_ms: number; unknown_s: number; compared: Compared | null;
};
export type Periods = { from: string; to: string; cycle: string; zone: string; total: Traffic; tier: string; missing: Span[]; items: Period[] };
export type HeatCell = { weekday: number; hour: number; hours: number; watched_s: number; bytes_in_per_s: number | null; bytes_out_per_s: number | null };
export type Heatmap = { from: string; to: string; zone: string; tier: string; missing: Span[]; cells: HeatCell[] };
export type Percentile = {
  percentile: number; slot_s: number; bytes_in_per_s: number | null; bytes_out_per_s: number | null;
  slots: number; coarse_slots: number; unwatched_slots: number; missing: Span[];
};
export type Talk = Traffic & { application: string; path: string | null; site: string; site_shown: string };
export type Around = { from: string; to: string; counts: Traffic | null; lost_packets: number; gap_ms: number; missing: Span[]; talks: { items: Talk[]; other: Partial<Traffic> } };
export type Changed = { name: string; shown: string; path: string | null; user: number | null; bytes: number; usual_bytes: number; change_bytes: number };
export type Appeared = { first_seen: string; id: number; name: string; shown: string; path: string | null };
export type At = {
  at: string; zone: string; second: Around; minute: Around; new_applications: Appeared[]; new_sites: Appeared[];
  hour: { from: string; to: string; counts: Traffic | null; gap_ms: number; weeks: Span[]; applications: Changed[]; sites: Changed[] };
};
export type Named = Traffic & { id?: number; name: string; shown?: string; path?: string | null; source?: string; overhead?: Traffic | null };
export type Top = { items: Named[]; other: Partial<Traffic> };
export type Tunnel = { interface: string; carrier: string; payload: Traffic; uncarried: Traffic };
export type Summary = { total: Traffic; applications: Top; sites: Top; protocols: Top; tunnels: Tunnel[]; tier: string; missing: Span[] };
export type Share = {
  counted_bytes: number; interface_bytes: number; ratio: number | null; lost_packets: number; gap_ms: number;
  unflowed_bytes: number; owned_ratio: number | null; named_ratio: number | null;
  by_owner: Record<string, number>; by_name: Record<string, number>;
  owner_ratios: Record<string, number>; name_ratios: Record<string, number>;
};
export type Owners = {
  state: string; reason: string | null; rung: string | null; since: string | null;
  rungs: { rung: string; state: string; reason: string | null; sources: string[] }[];
  helper: { pid: number | null; started: string | null; restarts: number };
  events_lost: number; asks_pending: number; asks_max: number; processes: number; processes_max: number;
};
export type Coverage = { filter: string | null; minute: Share; hour: Share; day: Share };
export type TrafficClass = Traffic & { name: string; expression: string | null };
export type Interface = Traffic & {
  name: string; role: string; link: string; up: boolean; watched: boolean; counted_in_total: boolean;
  addresses: string[]; snaplen: number; filter: string | null; loss: Loss; problem: string | null;
  carrier: string | null;
};
export type Quantiles = {
  count: number; p50_ns: number; p90_ns: number; p99_ns: number; p999_ns: number; max_ns: number;
};
export type Stage = { name: string; about: string; minute: Quantiles; hour: Quantiles; start: Quantiles };
export type Status = {
  version: string; uptime_s: number; workers: number;
  rings: { worker: number; depth: number; capacity: number; dropped_packets: number }[];
  flows: { live: number; max: number; opened: number; evicted: number };
  cpu_ms_per_s: number; resident_bytes: number; sse_clients: number;
  store: {
    file_bytes: number; committed_through: string | null; pending_seconds: number;
    degraded: string | null; damaged_seconds: number;
  };
};

/** What the page shows: a page, a time range and filters; all of it is in the URL. */
export type Range =
  | { kind: 'live'; seconds: number }
  | { kind: 'last'; seconds: number }
  | { kind: 'fixed'; from: number; to: number };
/** The History page's choice: as it stands in the URL. */
export type Past = { period?: string; at?: string; cycle_day?: string; look?: string };
export type View = { page: string; range: Range; interfaces: string[]; past: Past };
/** A range made concrete: aligned to its step, in seconds since 1970. */
export type Bounds = { from: number; to: number; step: number };
/** Equal columns in bytes per second; `null` where nothing was watched. */
export type Series = {
  at: number[]; in: (number | null)[]; out: (number | null)[];
  step: number; committed: number | null; known: number;
};

declare global {
  const uPlot: any;
  interface Window { uPlot: any }
}
