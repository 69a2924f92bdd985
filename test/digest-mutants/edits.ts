import { canonicalJson, planDigest } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import {
  ApprovalStatement,
  DsseEnvelope,
  type Json,
  JsonValue,
  PlanBody,
  StepInput,
  TargetRef,
  Verdict,
} from '@countersign/protocol';
import { z } from 'zod';
import type { DatabaseOwner } from './database-owner.ts';
import { jsonMutants } from './json-mutants.ts';
import type { Random } from './random.ts';
import { textMutants } from './text-mutants.ts';

/** One value of one row, as the database's owner overwrites it. */
export interface Edit {
  readonly table: string;
  readonly column: string;
  readonly where: string;
  readonly value: string | number | null;
}
/** What somebody does to the database between two steps of the product. */
export interface Tampering {
  readonly kind: string;
  readonly at: string;
  readonly edits: readonly Edit[];
  /** The digest that fits what was made of the plan. */
  readonly digest?: string;
}

const Steps = z.array(StepInput);

function canonicalOf(schema: z.ZodType, value: unknown): string | null {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return null;
  try {
    return canonicalJson(parsed.data);
  } catch {
    return null;
  }
}

/** Mutants of a JSON column; what reads as the same value is left out and told to `same`. */
function* ofColumn(
  owner: DatabaseOwner,
  place: Omit<Edit, 'value'>,
  schema: z.ZodType,
  random: Random,
  same: () => void,
): Generator<Tampering> {
  const value = JsonValue.parse(JSON.parse(String(owner.value(place.table, place.column, place.where))));
  const whole = canonicalOf(schema, value);
  for (const mutant of jsonMutants(value, random)) {
    const text = JSON.stringify(mutant.value);
    if (canonicalOf(schema, JSON.parse(text)) === whole) same();
    else yield { kind: mutant.kind, at: `${place.column}${mutant.at}`, edits: [{ ...place, value: text }] };
  }
  yield* ofText({ ...place, value: JSON.stringify(value) }, schema, whole, random, same);
}

/** The stored text itself: a byte flipped, a member named twice with two values. */
function* ofText(
  place: Edit & { value: string },
  schema: z.ZodType,
  whole: string | null,
  random: Random,
  same: () => void,
): Generator<Tampering> {
  const { value: text } = place;
  const flipped = Buffer.from(text);
  const at = random.below(flipped.length);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
  const [first = ''] = Object.keys(JSON.parse(text));
  const twice = text.replace(/\}$/, `,${JSON.stringify(first)}:${random.pick(['null', '[]', '"x"', '{}'])}}`);
  for (const [kind, changed] of [
    ['byte of the text', flipped.toString('utf8')],
    ['a member twice', twice],
  ] as const) {
    let read: unknown;
    try {
      read = JSON.parse(changed);
    } catch {
      read = undefined;
    }
    if (changed === text || canonicalOf(schema, read) === whole) same();
    else yield { kind, at: place.column, edits: [{ ...place, value: changed }] };
  }
}

/** The plan's row: its body, or its digest. */
export function* planEdits(owner: DatabaseOwner, opId: string, random: Random, same: () => void): Generator<Tampering> {
  const where = `operation_id = '${opId}'`;
  yield* ofColumn(owner, { table: 'plan', column: 'body', where }, PlanBody, random, same);
  const digest = String(owner.value('plan', 'digest', where));
  for (const { kind, value } of textMutants(digest, random)) {
    yield { kind: `digest: ${kind}`, at: 'digest', edits: [{ table: 'plan', column: 'digest', where, value }] };
  }
}

/** The plan's row with a digest that fits, and everything beside it made to fit too; only no signature can be. */
export function* fittingEdits(owner: DatabaseOwner, opId: string, random: Random): Generator<Tampering> {
  const where = `operation_id = '${opId}'`;
  const body = JsonValue.parse(JSON.parse(String(owner.value('plan', 'body', where))));
  const whole = canonicalOf(PlanBody, body);
  for (const mutant of jsonMutants(body, random)) {
    const parsed = PlanBody.safeParse(mutant.value);
    const canonical = canonicalOf(PlanBody, mutant.value);
    if (!parsed.success || canonical === null || canonical === whole) continue;
    const digest = planDigest(parsed.data, nodeSha256);
    const { identity: _, ...target } = parsed.data.target;
    const steps = parsed.data.steps.map(({ action, inputs }) => ({ action, inputs }));
    const set = (table: string, column: string, at: string, value: string): Edit => ({
      table,
      column,
      where: at,
      value,
    });
    yield {
      kind: mutant.kind,
      at: mutant.at,
      digest,
      edits: [
        set('plan', 'body', where, canonical),
        set('plan', 'digest', where, digest),
        set('plan_view', 'digest', where, digest),
        set('approval', 'plan_digest', where, digest),
        set('run', 'plan_digest', where, digest),
        set('operation', 'steps', `id = '${opId}'`, JSON.stringify(steps)),
        set('operation', 'target', `id = '${opId}'`, JSON.stringify(target)),
      ],
    };
  }
}

/** What of the operation's row decides what runs, where, for whom, and what policy is asked. */
export function* operationEdits(
  owner: DatabaseOwner,
  opId: string,
  random: Random,
  same: () => void,
): Generator<Tampering> {
  const place = (column: string) => ({ table: 'operation', column, where: `id = '${opId}'` });
  yield* ofColumn(owner, place('steps'), Steps, random, same);
  yield* ofColumn(owner, place('target'), TargetRef, random, same);
  const now = (column: string) => String(owner.value('operation', column, `id = '${opId}'`));
  for (const [column, values] of [
    ['effect', ['write', 'destructive', 'read']],
    ['risk', ['low', 'medium', 'high']],
  ] as const) {
    for (const value of values) {
      if (value !== now(column)) yield { kind: 'word', at: column, edits: [{ ...place(column), value }] };
    }
  }
  for (const { kind, value } of textMutants(now('bundle_id'), random)) {
    yield { kind, at: 'bundle_id', edits: [{ ...place('bundle_id'), value }] };
  }
  const requester = z.looseObject({ root: z.string() }).parse(JSON.parse(now('requester')));
  for (const { kind, value } of textMutants(requester.root, random)) {
    const changed = JSON.stringify({ ...requester, root: value });
    yield { kind, at: 'requester/root', edits: [{ ...place('requester'), value: changed }] };
  }
  yield { kind: 'number', at: 'revision', edits: [{ ...place('revision'), value: 0 }] };
  yield { kind: 'number', at: 'revision', edits: [{ ...place('revision'), value: 2 }] };
}

/** Every approval's statement, envelope and verdict, and the row itself. */
export function* approvalEdits(
  owner: DatabaseOwner,
  ids: readonly string[],
  random: Random,
  same: () => void,
): Generator<Tampering> {
  const columns: readonly (readonly [string, z.ZodType])[] = [
    ['statement', ApprovalStatement],
    ['envelope', DsseEnvelope],
    ['verdict', Verdict],
  ];
  for (const id of ids) {
    const where = `id = '${id}'`;
    for (const [column, schema] of columns) {
      yield* ofColumn(owner, { table: 'approval', column, where }, schema, random, same);
    }
    for (const [column, value] of [
      ['operation_id', 'gone'],
      ['voided_at', 1],
    ] as const) {
      yield { kind: 'word', at: column, edits: [{ table: 'approval', column, where, value }] };
    }
  }
}

/** A JSON value with one change, which is not the value itself. */
export function* copies(value: Json, random: Random): Generator<{ kind: string; at: string; value: Json }> {
  const whole = canonicalJson(value);
  for (const mutant of jsonMutants(value, random)) {
    let text: string | null = null;
    try {
      text = canonicalJson(mutant.value);
    } catch {
      // What has no canonical form is a change in any case.
    }
    if (text !== whole) yield mutant;
  }
}
