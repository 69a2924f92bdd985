import { z } from 'zod';

const Count = z.number().nonnegative();
const Cpu = z.object({
  cpu_usage: z.object({ total_usage: Count }),
  system_cpu_usage: Count.optional(),
  online_cpus: Count.optional(),
});

/** One object of GET /containers/ID/stats, as far as it is shown. */
export const StatsAnswer = z.object({
  read: z.string(),
  cpu_stats: Cpu,
  precpu_stats: Cpu.partial().optional(),
  memory_stats: z.object({
    usage: Count.optional(),
    limit: Count.optional(),
    stats: z.record(z.string(), z.unknown()).optional(),
  }),
  pids_stats: z.object({ current: Count.optional() }).optional(),
  networks: z.record(z.string(), z.object({ rx_bytes: Count, tx_bytes: Count })).optional(),
  blkio_stats: z
    .object({ io_service_bytes_recursive: z.array(z.object({ op: z.string(), value: Count })).nullish() })
    .optional(),
});
export type StatsAnswer = z.infer<typeof StatsAnswer>;

/** What a container used at one moment. CPU in percent of one CPU, since the sample before; sizes in bytes. */
export interface Sample {
  readonly at: string;
  readonly cpu_percent: number;
  readonly memory_bytes: number;
  readonly memory_limit_bytes: number;
  readonly processes: number;
  readonly received_bytes: number;
  readonly sent_bytes: number;
  readonly read_bytes: number;
  readonly written_bytes: number;
}

function cpuPercent({ cpu_stats: now, precpu_stats: then }: StatsAnswer): number {
  const used = now.cpu_usage.total_usage - (then?.cpu_usage?.total_usage ?? 0);
  const passed = (now.system_cpu_usage ?? 0) - (then?.system_cpu_usage ?? 0);
  if (passed <= 0 || used <= 0) return 0;
  return Math.round((used / passed) * (now.online_cpus ?? 1) * 10_000) / 100;
}

/** Memory that can be had back at once counts as free: `docker stats` says the same. */
function memoryBytes({ memory_stats: { usage = 0, stats = {} } }: StatsAnswer): number {
  const idle = stats['inactive_file'] ?? stats['total_inactive_file'];
  return typeof idle === 'number' && idle < usage ? usage - idle : usage;
}

function blockBytes(answer: StatsAnswer, wanted: string): number {
  const entries = answer.blkio_stats?.io_service_bytes_recursive ?? [];
  return entries.filter(({ op }) => op.toLowerCase() === wanted).reduce((sum, { value }) => sum + value, 0);
}

/** Whether the answer has another sample before it: without one there is no CPU usage to tell. */
export function hasBefore({ precpu_stats: then }: StatsAnswer): boolean {
  return (then?.system_cpu_usage ?? 0) > 0;
}

/** Whether the container runs: a stopped one is measured as nothing at no time. */
export function isMeasured({ read }: StatsAnswer): boolean {
  return !read.startsWith('0001-');
}

/** One sample of what Docker measured. */
export function sampleOf(answer: StatsAnswer): Sample {
  const networks = Object.values(answer.networks ?? {});
  return {
    at: answer.read,
    cpu_percent: cpuPercent(answer),
    memory_bytes: memoryBytes(answer),
    memory_limit_bytes: answer.memory_stats.limit ?? 0,
    processes: answer.pids_stats?.current ?? 0,
    received_bytes: networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    sent_bytes: networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
    read_bytes: blockBytes(answer, 'read'),
    written_bytes: blockBytes(answer, 'write'),
  };
}
