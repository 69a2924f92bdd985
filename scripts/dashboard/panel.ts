/** Units as Grafana names them. */
export type Unit = 'short' | 's' | 'bytes' | 'Bps' | 'percentunit' | 'ops' | 'reqps' | 'none';

/** One line or number of a panel: what is asked, and what it is called. */
export interface Query {
  readonly expr: string;
  /** Labels stand in double braces. */
  readonly legend: string;
}

/** One question's answer. */
export interface Panel {
  readonly title: string;
  /** What it shows, and what to do where it looks wrong. */
  readonly description: string;
  readonly unit: Unit;
  /** One number now, or lines over time; lines where it is left out. */
  readonly shown?: 'number';
  /** From which value on a number is yellow, and from which it is red; green below. */
  readonly bad?: readonly [number, number];
  /** Below which value a number is yellow, and below which it is red. */
  readonly low?: readonly [number, number];
  readonly queries: readonly Query[];
}

/** Panels that answer one question. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** The rate of a counter over all servers, by labels. */
export function rate(by: string, counter: string): string {
  return `sum by (${by}) (rate(${counter}[$__rate_interval]))`;
}

/** A quantile of a histogram over all servers, by labels. */
export function quantile(share: number, by: string, histogram: string): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${histogram}_bucket[$__rate_interval])))`;
}
