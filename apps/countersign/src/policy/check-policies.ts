import { existsSync } from 'node:fs';
import type { PolicyCheckReport, PolicyPlace } from '@countersign/cli';
import { faultOf } from './open-policies.ts';
import { loadSource, type PolicyHost, placeOf, sourceAt } from './policy-place.ts';

/** Validates policies as a server would take them over: every fault by file and line. */
export function checkPolicies(host: PolicyHost, place: PolicyPlace): PolicyCheckReport {
  const source = sourceAt(host, place);
  const { files, outcome } = loadSource(source);
  const told = { profile: source.profile, folder: source.folder, files };
  if (outcome.ok) return { ...told, version: outcome.value.version, policies: outcome.value.policies.size, faults: [] };
  const faults = outcome.problems.map(faultOf).map((fault) => {
    const path = placeOf(source, fault.file);
    return { ...fault, file: existsSync(path) ? path : fault.file };
  });
  return { ...told, version: null, policies: 0, faults };
}
