import { advanceCheckpoint, anchorBundles, createToken, listOperations, revokeToken } from '@countersign/engine';
import type { AuditFilter } from '@countersign/kernel';
import type { Outcome } from '@countersign/protocol';
import { doCommand } from '../../packages/engine/src/fixture/do-command.ts';
import { callerOf } from '../../packages/engine/src/fixture/people.ts';
import { Session } from '../../packages/engine/src/fixture/session.ts';
import type { ParityCommand } from './parity-command.ts';
import type { Side } from './side.ts';

/** A session that keeps every answer whole. */
export class ParitySession extends Session {
  readonly answers: string[] = [];
  readonly tokens: string[] = [];

  override note(answer: Outcome<unknown>): void {
    this.tell(answer);
    super.note(answer);
  }

  override count(what: string): void {
    this.tell(what);
    super.count(what);
  }

  tell(answer: unknown): void {
    this.answers.push(JSON.stringify(answer) ?? 'undefined');
  }
}

function auditFilter(session: ParitySession, { by, op }: { by: string; op: number }): AuditFilter {
  const subjectId = session.pick(op) ?? 'none';
  // A subject of this sequence, or filters that find a few entries of any.
  const own = { subjectId, limit: 50 };
  if (by === 'actor') return { ...own, actor: 'person:ada' };
  if (by === 'event') return { ...own, events: ['operation.proposed', 'plan.made'] };
  if (by === 'outcome') return { ...own, outcome: 'refused' };
  if (by === 'fromAt') return { ...own, fromAt: session.bench.clock.now() - 1000 };
  if (by === 'afterIndex') return { afterIndex: 3, limit: 5 };
  return own;
}

/** Does one command on one side and keeps its answer. */
export async function doParityCommand(side: Side, session: ParitySession, command: ParityCommand): Promise<void> {
  const { context } = session;
  const { store } = context;
  switch (command.kind) {
    case 'engine':
      return await doCommand(session, command.command);
    case 'tokenCreate': {
      const { name, of: kind, role, expires } = command;
      const request = { name, kind, role, ...(expires === null ? {} : { expires_in_ms: expires }) };
      const answer = await createToken(context, callerOf(command.who), request);
      if (!answer.ok) return session.tell(answer);
      session.tokens.push(answer.value.token_id);
      return session.tell({ ...answer.value, token: answer.value.token.length });
    }
    case 'tokenRevoke':
      return session.tell(await revokeToken(context, callerOf(command.who), session.tokens[command.token] ?? 'none'));
    case 'tokenUse': {
      const token = session.tokens[command.token];
      if (token !== undefined) context.tokenUses.note(token, context.clock.now());
      return await context.tokenUses.flush(context);
    }
    case 'setting': {
      const key = `parity.${command.key}`;
      return await session.attempt(async () => {
        await store.write((unit) => unit.settings.set(key, command.value));
        session.tell(await store.read((reads) => reads.settings.get(key)));
      });
    }
    case 'list': {
      const { states, limit } = command;
      const target = command.target ? session.targets[0]?.name : undefined;
      const filter = {
        limit,
        ...(states === null ? {} : { states: [states] }),
        ...(target === undefined ? {} : { target }),
      };
      return session.tell(await listOperations(context, callerOf('ada'), filter));
    }
    case 'audit':
      await side.sequence();
      return session.tell(await store.read((reads) => reads.audit.query(auditFilter(session, command))));
    case 'stream': {
      const key = session.pick(command.op) ?? 'none';
      return session.tell(await store.read((reads) => reads.streams.after(key, command.after, 4)));
    }
    case 'checkpoint':
      await side.sequence();
      return session.tell(await advanceCheckpoint(context));
    case 'anchor':
      await side.sequence();
      return session.tell(
        await anchorBundles(context, (what, error) => {
          throw new Error(what, { cause: error });
        }),
      );
  }
}
