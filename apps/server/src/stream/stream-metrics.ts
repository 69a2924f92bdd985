import { Counter, Gauge, type Registry } from 'prom-client';
import type { StreamHub } from './stream-hub.ts';

/** Registers the metrics of streams; they are read when they are scraped. */
export function registerStreamMetrics(registry: Registry, hub: StreamHub): void {
  const { stats } = hub;
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(value()) });
  };
  const counter = (name: string, help: string, value: () => number): void => {
    const collect = (): void => {
      made.reset();
      made.inc(value());
    };
    const made: Counter = new Counter({ name, help, registers: [registry], collect });
  };
  gauge('countersign_streams_open', 'Streams that somebody follows', () => hub.streams);
  gauge('countersign_stream_watchers', 'Readers of streams', () => hub.watchers);
  counter('countersign_stream_events_total', 'Events sent to readers', () => stats.events);
  counter('countersign_stream_bytes_total', 'Bytes sent to readers', () => stats.bytes);
  counter('countersign_stream_refused_total', 'Streams refused because too many were open', () => stats.refused);
  counter('countersign_stream_resync_total', 'Readers dropped because they were slow or had stopped reading', () =>
    (['slow', 'stalled'] as const).reduce((sum, why) => sum + (stats.ends.get(why) ?? 0), 0),
  );
  const ended: Counter<'reason'> = new Counter({
    name: 'countersign_stream_ended_total',
    help: 'Streams that ended, by reason',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      ended.reset();
      for (const [reason, count] of stats.ends) ended.inc({ reason }, count);
    },
  });
}
