import type { Asker, Question, RecordedApproval } from '@countersign/policy';
import {
  ActionName,
  CodedError,
  Effect,
  ExplainPrincipal,
  JsonObject,
  Name,
  type Obligation,
  PolicyPhase,
  Risk,
  Role,
  Tier,
} from '@countersign/protocol';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

const Target = z.strictObject({
  name: Name.default('target'),
  project: Name.default('project'),
  environment: Name.optional(),
  tier: Tier,
  connector: Name.optional(),
});

const Decision = z.strictObject({
  kind: z.enum(['confirm', 'approve', 'reject']).default('approve'),
  by: Name,
  role: Role.default('approver'),
  groups: z.array(Name).default([]),
  stepped_up: z.boolean().default(false),
});

const obligationForm = /^(confirm|step_up|approve:[1-9][0-9]?(:[A-Za-z0-9_][A-Za-z0-9._-]*)?)$/;

/** One question to policy, as a table of expected verdicts spells it. What is left out is as it usually is. */
export const PolicyCase = z.strictObject({
  name: z.string().min(1).max(200),
  principal: ExplainPrincipal.prefault({}),
  action: ActionName,
  effect: Effect.default('write'),
  risk: Risk.default('low'),
  target: z.union([Tier.transform((tier) => Target.parse({ tier })), Target]),
  phase: PolicyPhase.default('run'),
  inputs: JsonObject.default({}),
  planned: z.boolean().default(true),
  checks_ok: z.boolean().nullable().default(true),
  frozen: z.boolean().default(false),
  in_window: z.boolean().default(true),
  break_glass: z.boolean().default(false),
  ai_proposed: z.boolean().optional(),
  decisions: z.array(Decision).default([]),
  expect: z.strictObject({
    verdict: z.enum(['allow', 'needs', 'deny']),
    obligations: z
      .array(z.string().regex(obligationForm, 'expected confirm, approve:2, approve:2:group or step_up'))
      .optional(),
    policies: z.array(z.string()).optional(),
  }),
});
export type PolicyCase = z.output<typeof PolicyCase>;

const Table = z.strictObject({ cases: z.array(PolicyCase).min(1) });

/** An obligation as the tables and `@obligation` spell it. */
export function obligationWord(obligation: Obligation): string {
  if (obligation.kind !== 'approve') return obligation.kind;
  return `approve:${obligation.count}${obligation.group === undefined ? '' : `:${obligation.group}`}`;
}

/** Parses a table of expected verdicts. Throws E_CONFIG with file, line and what is expected. */
export function parseCases(file: string, text: string): PolicyCase[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problem = (line: number, field: string, expected: string): CodedError =>
    new CodedError('E_CONFIG', `${file}:${line}: ${field === '' ? '' : `${field}: `}${expected}`, {
      file,
      line,
      field,
      next: 'mend that line; docs/policy.md shows a whole table',
    });
  const [broken] = document.errors;
  if (broken !== undefined) throw problem(lines.linePos(broken.pos[0]).line, '', broken.message.split('\n')[0] ?? '');
  const parsed = Table.safeParse(document.toJS());
  if (parsed.success) return parsed.data.cases;
  const [issue] = parsed.error.issues;
  const path = issue === undefined ? [] : issue.path;
  let line = 1;
  for (let depth = 1; depth <= path.length; depth += 1) {
    const node = document.getIn(path.slice(0, depth), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset !== undefined) line = lines.linePos(offset).line;
  }
  throw problem(line, path.map(String).join('.'), issue?.message ?? 'is not valid');
}

/** Somebody as policy knows them. */
export function askerOf({ name, kind, role, root, ai }: ExplainPrincipal): Asker {
  return { id: `${kind}:${name}`, name, kind, role, root: root ?? name, ai: ai ?? kind === 'agent' };
}

function decisionOf({
  kind,
  by,
  role,
  groups,
  stepped_up: steppedUp,
}: PolicyCase['decisions'][number]): RecordedApproval {
  return { kind, state: 'valid', steppedUp, approver: { kind: 'person', role, root: by, ai: false, groups } };
}

/** The question of a case. */
export function questionOfCase(asked: PolicyCase): Question {
  const { target, action: name, effect, risk, inputs } = asked;
  const principal = askerOf(asked.principal);
  return {
    phase: asked.phase,
    principal,
    target: {
      ...target,
      environment: target.environment ?? target.tier,
      connector: target.connector ?? name.split('.')[0] ?? name,
    },
    steps: [{ name, effect, risk, inputs }],
    planned: asked.planned,
    checksOk: asked.checks_ok,
    approvals: asked.decisions.map(decisionOf),
    aiProposed: asked.ai_proposed ?? principal.ai,
    frozen: asked.frozen,
    inWindow: asked.in_window,
    breakGlass: asked.break_glass,
  };
}
