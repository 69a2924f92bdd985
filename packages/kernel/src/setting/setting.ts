import type { Json } from '@countersign/protocol';

/** Installation-wide values such as `panic` and `installation`. */
export interface SettingReads {
  get(key: string): Promise<Json | undefined>;
}
export interface SettingWrites extends SettingReads {
  set(key: string, value: Json): Promise<void>;
}
