import type { EngineContext } from '@countersign/engine';
import { Gauge, type Registry } from 'prom-client';

/** Metrics of the volume that this server keeps files on. */
export interface VolumeMetrics {
  /** Asks the system about it. */
  refresh(): Promise<void>;
}

/** Registers them, and which version this server has. */
export function registerVolumeMetrics(
  registry: Registry,
  { artifacts, settings, store }: EngineContext,
): VolumeMetrics {
  const info = new Gauge({
    name: 'countersign_info',
    help: 'Always 1: which version this server has, on which database',
    labelNames: ['version', 'database'],
    registers: [registry],
  });
  info.set({ version: settings.version, database: store.dialect }, 1);
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers: [registry] });
  const size = gauge('countersign_volume_size_bytes', "Size of the volume of this server's data folder");
  const free = gauge('countersign_volume_free_bytes', "What is free on the volume of this server's data folder");
  return {
    async refresh() {
      const { sizeBytes, freeBytes } = await artifacts.space();
      size.set(sizeBytes);
      free.set(freeBytes);
    },
  };
}
