import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligation } from '@countersign/protocol';

type ObligationReading =
  | { readonly ok: true; readonly obligation: Obligation | null }
  | { readonly ok: false; readonly problem: string; readonly expected: string };

const known = '@obligation("confirm"), @obligation("approve:<n>") with n from 1 to 99, or @obligation("step_up")';

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
  const count = /^approve:([1-9][0-9]?)$/.exec(word)?.[1];
  return count === undefined ? null : { kind: 'approve', count: Number(count) };
}

function factOf(obligation: Obligation): string {
  if (obligation.kind === 'approve') return `context.approvals >= ${obligation.count}`;
  return obligation.kind === 'confirm' ? 'context.confirmed' : 'context.step_up';
}

function isFactOf(obligation: Obligation, body: Expr): boolean {
  if (obligation.kind === 'confirm') return isFact(body, 'confirmed');
  if (obligation.kind === 'step_up') return isFact(body, 'step_up');
  const least = '>=' in body ? body['>='] : undefined;
  if (least === undefined || Array.isArray(least)) return false;
  return isFact(least.left, 'approvals') && 'Value' in least.right && least.right.Value === obligation.count;
}

function isFact(expression: Expr, name: string): boolean {
  const access = '.' in expression ? expression['.'] : undefined;
  if (access === undefined || Array.isArray(access)) return false;
  return access.attr === name && 'Var' in access.left && access.left.Var === 'context';
}
