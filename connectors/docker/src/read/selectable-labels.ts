import { findSecrets } from '@countersign/protocol';
import { z } from 'zod';
import { plainLabels, withheld } from './withheld.ts';

const Labels = z.record(z.string(), z.string());
const name = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const selectableKey = new RegExp(`^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?${name}$`);
const selectableValue = new RegExp(`^(?:${name})?$`);
const secretKey = /pass|secret|token|credential|auth|api.?key|private/i;

function isPlain(key: string, value: string): boolean {
  if (!selectableKey.test(key) || !selectableValue.test(value)) return false;
  return !secretKey.test(key) && findSecrets(`${key}=${value}`).length === 0;
}

/**
 * Labels by which containers can be selected, in the syntax of Kubernetes selectors: what a known tool wrote, and what is a short
 * plain word under a key that does not speak of secrets. Of any other label nothing is said, not even its key.
 */
export function selectableLabels(labels: unknown): Record<string, string> {
  const all = Labels.safeParse(labels);
  if (!all.success) return {};
  const known = plainLabels(all.data);
  return Object.fromEntries(
    Object.entries(all.data).filter(
      ([key, value]) =>
        isPlain(key, value) || (known[key] !== withheld && selectableKey.test(key) && selectableValue.test(value)),
    ),
  );
}
