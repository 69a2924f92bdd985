import { signApproval } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import { ApprovalStatement } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { decideApproval } from '../../packages/engine/src/approval/decide-approval.ts';
import { callerOf } from '../../packages/engine/src/fixture/people.ts';
import type { Session } from '../../packages/engine/src/fixture/session.ts';
import { withSession } from '../../packages/engine/src/fixture/with-session.ts';
import { readOperation } from '../../packages/engine/src/operation/read-operation.ts';
import { approve, plannedForProduction } from './approved-operation.ts';
import { tryToExecute } from './attempt.ts';
import { DatabaseOwner } from './database-owner.ts';
import { approvalEdits, fittingEdits, operationEdits, planEdits, type Tampering } from './edits.ts';
import { Tally } from './tally.ts';
import { textMutants } from './text-mutants.ts';

const timeout = 3_600_000;

interface Approved {
  readonly session: Session;
  readonly owner: DatabaseOwner;
  readonly opId: string;
  readonly digest: string;
}

async function withApproved(work: (approved: Approved) => Promise<void>): Promise<void> {
  await withSession(async (session) => {
    const { opId, digest } = await plannedForProduction(session);
    await approve(session, opId, digest);
    using owner = new DatabaseOwner(session.bench.path);
    await work({ session, owner, opId, digest });
    // The very same operation runs once nothing of it is changed: it was the change that was refused.
    const whole = await tryToExecute(session, opId, digest);
    expect(whole).toEqual({ answer: 'succeeded', effects: [expect.stringContaining('ﬁve'), expect.any(String)] });
  });
}

/** Tampers, tries to execute all the way, puts everything back; until there are enough. */
async function tryAll(
  tally: Tally,
  { session, owner, opId, digest }: Approved,
  tamperings: () => Iterable<Tampering>,
): Promise<void> {
  const whole = owner.snapshot();
  while (!tally.done) {
    for (const { kind, at, edits, digest: fitting } of tamperings()) {
      if (tally.done) break;
      const former = edits.map((edit) => ({ ...edit, value: owner.value(edit.table, edit.column, edit.where) }));
      if (edits.every(({ table, column, where, value }) => owner.edit(table, column, where, value))) {
        tally.note(kind, at, await tryToExecute(session, opId, fitting ?? digest));
      }
      // Where nothing was started nothing else was written but the refusal in the audit.
      if (owner.value('run', 'id', '1 = 1') !== null) owner.restore(whole);
      else for (const { table, column, where, value } of former) owner.edit(table, column, where, value);
    }
  }
  tally.end();
}

it('a stored plan that was changed after its approval never runs', { timeout }, async () => {
  await withApproved(async (approved) => {
    const tally = new Tally('stored plan', 0.2);
    const same = () => {
      tally.same += 1;
    };
    await tryAll(tally, approved, () => planEdits(approved.owner, approved.opId, tally.random, same));
  });
});

it('nor does one whose digest and all that stands beside it were made to fit', { timeout }, async () => {
  await withApproved(async (approved) => {
    const tally = new Tally('fitting plan', 0.1);
    await tryAll(tally, approved, () => fittingEdits(approved.owner, approved.opId, tally.random));
  });
});

it('nor does a plan for an operation that was changed', { timeout }, async () => {
  await withApproved(async (approved) => {
    const tally = new Tally('stored operation', 0.1);
    const same = () => {
      tally.same += 1;
    };
    await tryAll(tally, approved, () => operationEdits(approved.owner, approved.opId, tally.random, same));
  });
});

it('an approval that was changed, taken from elsewhere or signed by another key allows nothing', {
  timeout,
}, async () => {
  await withApproved(async (approved) => {
    const { session, owner, opId, digest } = approved;
    const tally = new Tally('stored approval', 0.15);
    const same = () => {
      tally.same += 1;
    };
    const rows = (await session.context.store.read((reads) => reads.approvals.list(opId))).filter(
      ({ statement }) => statement.kind === 'approve',
    );
    const ids = rows.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    const other = await plannedForProduction(session);
    await approve(session, other.opId, other.digest);
    expect(other.digest).toBe(digest);
    const others = await session.context.store.read((reads) => reads.approvals.list(other.opId));
    const stranger = createSigner(generateSigningKey(), 'countersign/stranger');
    function* all(): Generator<Tampering> {
      for (const { id, statement } of rows) {
        const where = `id = '${id}'`;
        const edit = (column: string, value: string) => ({ table: 'approval', column, where, value });
        const forged = JSON.stringify(signApproval(ApprovalStatement.parse(statement), stranger));
        yield { kind: 'other key', at: 'envelope', edits: [edit('envelope', forged)] };
        for (const theirs of others) {
          yield {
            kind: "other operation's",
            at: 'row',
            edits: [
              edit('statement', JSON.stringify(theirs.statement)),
              edit('envelope', JSON.stringify(theirs.envelope)),
              edit('verdict', JSON.stringify(theirs.verdict)),
            ],
          };
        }
      }
      yield* approvalEdits(owner, ids, tally.random, same);
    }
    await tryAll(tally, approved, all);
  });
});

/** The digest in every wrong spelling: each bit of it, and each class of changed text. */
function* wrongDigests(digest: string, tally: Tally): Generator<{ kind: string; value: string }> {
  for (let bit = 0; bit < 256; bit += 1) {
    const at = 'sha256:'.length + (bit >> 2);
    const flipped = (Number.parseInt(digest.charAt(at), 16) ^ (1 << (bit & 3))).toString(16);
    yield { kind: 'bit of the hash', value: digest.slice(0, at) + flipped + digest.slice(at + 1) };
  }
  yield* textMutants(digest, tally.random);
  for (const value of [
    '',
    'sha256:',
    digest.slice(7),
    digest.toUpperCase(),
    `sha512:${digest.slice(7)}`,
    'null',
    '*',
  ]) {
    yield { kind: 'form', value };
  }
}

it('nothing runs, and nothing is approved, by a digest that is not the plan’s', { timeout }, async () => {
  await withApproved(async ({ session, opId, digest }) => {
    const tally = new Tally('asked digest', 0.1);
    const { opId: open } = await plannedForProduction(session);
    await readOperation(session.context, callerOf('bob'), open);
    while (!tally.done) {
      for (const { kind, value } of wrongDigests(digest, tally)) {
        if (tally.done) break;
        tally.note(`execute, ${kind}`, 'digest', await tryToExecute(session, opId, value));
        const decision = { opId: open, kind: 'approve', digest: value, comment: '' } as const;
        const decided = await decideApproval(session.context, callerOf('bob'), decision);
        tally.note(`approve, ${kind}`, 'digest', { answer: decided.ok ? 'approved' : decided.code, effects: [] });
      }
    }
    tally.end();
    expect(await session.context.store.read((reads) => reads.approvals.list(open))).toEqual([]);
  });
});
