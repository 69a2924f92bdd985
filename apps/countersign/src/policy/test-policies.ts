import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type {
  PolicyAnswer,
  PolicyExplainOptions,
  PolicyPlace,
  PolicyTestOptions,
  PolicyTestReport,
} from '@countersign/cli';
import { decide, explainVerdict, type PolicySet } from '@countersign/policy';
import { CodedError, type Verdict } from '@countersign/protocol';
import { obligationWord, type PolicyCase, parseCases, questionOfCase } from './policy-case.ts';
import { loadSource, type PolicyHost, sourceAt } from './policy-place.ts';

function loaded(host: PolicyHost, place: PolicyPlace): PolicySet {
  const { outcome } = loadSource(sourceAt(host, place));
  if (outcome.ok) return outcome.value;
  throw new CodedError('E_POLICY_INVALID', outcome.message, { next: 'see `countersign policy check`' });
}

function answerOf(verdict: Verdict): PolicyAnswer {
  return {
    verdict: verdict.decision,
    obligations: verdict.obligations.map(obligationWord),
    policies: verdict.policies.map(({ id }) => id),
    reason: verdict.reason,
  };
}

const same = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && [...left].sort().join('\n') === [...right].sort().join('\n');

function meets({ expect }: PolicyCase, got: PolicyAnswer): boolean {
  return (
    got.verdict === expect.verdict &&
    (expect.obligations === undefined || same(expect.obligations, got.obligations)) &&
    (expect.policies === undefined || same(expect.policies, got.policies))
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CodedError(
      'E_CONFIG',
      `${file} cannot be read`,
      { field: 'file', next: 'name a file with cases' },
      { cause },
    );
  }
}

/** Asks policies every question of a table; with `against`, other policies too, and tells where the two answer differently. */
export function testPolicies(host: PolicyHost, { file, against, ...place }: PolicyTestOptions): PolicyTestReport {
  const path = resolve(host.cwd, file);
  const cases = parseCases(file, readText(path));
  const set = loaded(host, place);
  const other = against === undefined ? null : loaded(host, { ...place, folder: against });
  return {
    version: set.version,
    against: other?.version ?? null,
    cases: cases.map((asked) => {
      const got = answerOf(decide(set, questionOfCase(asked)));
      const before = other === null ? null : answerOf(decide(other, questionOfCase(asked)));
      const changed = before !== null && (before.verdict !== got.verdict || !same(before.obligations, got.obligations));
      const { verdict, obligations, policies } = asked.expect;
      const expected = {
        verdict,
        ...(obligations === undefined ? {} : { obligations }),
        ...(policies === undefined ? {} : { policies }),
      };
      return { name: asked.name, ok: meets(asked, got), expected, got, before, changed };
    }),
  };
}

/** Why policies in files allow something or not. */
export function explainPolicies(
  host: PolicyHost,
  { principal, action, effect, tier, ...place }: PolicyExplainOptions,
): { readonly verdict: Verdict; readonly explanation: string } {
  const phase = effect === 'read' ? 'read' : 'run';
  const [asked] = parseCases(
    'the question',
    JSON.stringify({
      cases: [{ name: 'question', principal, action, effect, target: tier, phase, expect: { verdict: 'allow' } }],
    }),
  );
  if (asked === undefined) throw new CodedError('E_INTERNAL', 'a question that was parsed is gone');
  const verdict = decide(loaded(host, place), questionOfCase(asked));
  return { verdict, explanation: explainVerdict(verdict) };
}
