import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { Name, type Obligation } from '@countersign/protocol';

type ObligationReading =
  | { readonly ok: true; readonly obligation: Obligation | null }
  | { readonly ok: false; readonly problem: string; readonly expected: string };

const known =
  '@obligation("confirm"), @obligation("approve:<n>") or @obligation("approve:<n>:<group>") with n from 1 to 99, or @obligation("step_up")';

/**
 * Reads a policy's `@obligation`, null without one. Refused: an unknown word, one on a permit, and a forbid whose
 * single `unless` is not exactly the fact that the obligation brings about; meeting it would otherwise not lift the forbid.
 */
export function readObligation(policy: PolicyJson): ObligationReading {
  const annotations = policy.annotations ?? {};
  if (!Object.hasOwn(annotations, 'obligation')) return { ok: true, obligation: null };
  const word = annotations.obligation ?? '';
  const obligation = parseObligation(word);
  if (obligation === null) return { ok: false, problem: `unknown obligation "${word}"`, expected: known };
  if (policy.effect === 'permit') {
    return { ok: false, problem: 'an obligation on a permit', expected: `forbid … unless { ${factOf(obligation)} }` };
  }
  const lifts = policy.conditions.filter((clause) => clause.kind === 'unless');
  const lift = lifts[0];
  if (lifts.length !== 1 || lift === undefined || !isFactOf(obligation, lift.body)) {
    return {
      ok: false,
      problem: `obligation "${word}" on a forbid that it does not lift`,
      expected: `exactly one unless: unless { ${factOf(obligation)} }`,
    };
  }
  return { ok: true, obligation };
}

function parseObligation(word: string): Obligation | null {
  if (word === 'confirm' || word === 'step_up') return { kind: word };
  const [, count, group] = /^approve:([1-9][0-9]?)(?::(.+))?$/.exec(word) ?? [];
  if (count === undefined) return null;
  if (group === undefined) return { kind: 'approve', count: Number(count) };
  return Name.safeParse(group).success ? { kind: 'approve', count: Number(count), group } : null;
}

function factOf(obligation: Obligation): string {
  if (obligation.kind === 'approve') {
    if (obligation.group === undefined) return `context.approvals >= ${obligation.count}`;
    return `context.approved_by.contains("${obligation.group}:${obligation.count}")`;
  }
  return obligation.kind === 'confirm' ? 'context.confirmed' : 'context.step_up';
}

function isFactOf(obligation: Obligation, body: Expr): boolean {
  if (obligation.kind === 'confirm') return isFact(body, 'confirmed');
  if (obligation.kind === 'step_up') return isFact(body, 'step_up');
  if (obligation.group !== undefined) {
    const member = 'contains' in body ? body.contains : undefined;
    if (member === undefined || Array.isArray(member)) return false;
    const wanted = `${obligation.group}:${obligation.count}`;
    return isFact(member.left, 'approved_by') && 'Value' in member.right && member.right.Value === wanted;
  }
  const least = '>=' in body ? body['>='] : undefined;
  if (least === undefined || Array.isArray(least)) return false;
  return isFact(least.left, 'approvals') && 'Value' in least.right && least.right.Value === obligation.count;
}

function isFact(expression: Expr, name: string): boolean {
  const access = '.' in expression ? expression['.'] : undefined;
  if (access === undefined || Array.isArray(access)) return false;
  return access.attr === name && 'Var' in access.left && access.left.Var === 'context';
}
