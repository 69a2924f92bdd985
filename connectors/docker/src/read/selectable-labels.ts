import { findSecrets } from '@countersign/protocol';
import { z } from 'zod';
import { plainLabels, withheld } from './withheld.ts';

const Labels = z.record(z.string(), z.string());
const name = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const selectableKey = new RegExp(`^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?${name}$`);
const selectableValue = new RegExp(`^(?:${name})?$`);
/** Rather too many: what is withheld can still be asked for by its key. */
const secretKey =
  /pass|pwd|secret|token|credential|auth|key|private|cookie|salt|cert|session|(?:^|[._/-])pin(?:$|[._/-])/i;

function isPlain(key: string, value: string): boolean {
  if (!selectableValue.test(value)) return false;
  return !secretKey.test(key) && findSecrets(`${key}=${value}`).length === 0;
}

/**
 * Labels by which containers can be selected, in the syntax of Kubernetes selectors: what a known tool wrote, and what is a short
 * plain word under a key that does not speak of secrets. Of any other that a selector could name its value is withheld and its key
 * is not: what bears a label must not look as if it bore none.
 */
export function selectableLabels(labels: unknown): Record<string, string> {
  const all = Labels.safeParse(labels);
  if (!all.success) return {};
  const known = plainLabels(all.data);
  const nameable = Object.entries(all.data).filter(([key]) => selectableKey.test(key));
  return Object.fromEntries(
    nameable.map(([key, value]) => {
      const isShown = isPlain(key, value) || (known[key] !== withheld && selectableValue.test(value));
      return [key, isShown ? value : withheld];
    }),
  );
}
