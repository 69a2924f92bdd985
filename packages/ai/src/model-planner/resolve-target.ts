import type { Resolution } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import type { Sentence } from './said.ts';

/** How a target was read, or why it may not be taken: the sentence means another one, or does not say which. */
export type TargetReading =
  | { readonly ok: true; readonly resolution: Resolution }
  | { readonly ok: false; readonly why: 'elsewhere' | 'unsaid'; readonly candidates: readonly TargetRef[] };

const resolved = (said: string, meant: string, by: Resolution['by']): TargetReading => ({
  ok: true,
  resolution: { field: 'target', said, meant, by },
});

/**
 * Whether the sentence means this target of those that come into question: by its name, by its environment or project, because
 * a thing that it names is only there, or because there is no other. A model's choice alone decides nothing.
 *
 * @param only what the sentence names and this target alone holds; null where nothing does
 */
export function resolveTarget(
  sentence: Sentence,
  target: TargetRef,
  candidates: readonly TargetRef[],
  only: string | null,
): TargetReading {
  if (sentence.says(target.name)) return resolved(target.name, target.name, 'exact');
  const named = candidates.filter(({ name }) => sentence.says(name));
  if (named.length > 0) return { ok: false, why: 'elsewhere', candidates: named };
  const place = sentence.environment(target);
  const meant = candidates.filter((each) => sentence.environment(each) !== null);
  const tiers = sentence.tiers();
  // "prod" is said, and this is not there: nothing else that speaks for it counts.
  if (place === null && (meant.length > 0 || (tiers.length > 0 && !tiers.includes(target.tier)))) {
    return { ok: false, why: 'elsewhere', candidates: meant };
  }
  const projects = candidates.filter(({ project }) => sentence.says(project));
  const left = candidates.filter(
    (each) =>
      (place === null || sentence.environment(each) !== null) && (projects.length === 0 || projects.includes(each)),
  );
  if (!left.includes(target)) return { ok: false, why: 'elsewhere', candidates: left };
  if (left.length === 1 && place !== null) return resolved(place, target.name, 'alias');
  if (left.length === 1 && projects.length > 0) return resolved(target.project, target.name, 'alias');
  if (only !== null) return resolved(only, target.name, 'only');
  if (candidates.length === 1) return resolved('', target.name, 'only');
  return { ok: false, why: 'unsaid', candidates: left };
}
