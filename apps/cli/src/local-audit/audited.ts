import { visible } from '@countersign/evidence';
import { CodedError, type OperationView } from '@countersign/protocol';
import { dataFolder } from '../connection/settings.ts';
import type { Context } from '../program/context.ts';
import { appendLocalAudit, localAuditPath } from './local-audit.ts';
import type { LocalEvent } from './local-entry.ts';

/** What a mutation is about. */
export type AuditSubject = Pick<LocalEvent, 'op_id' | 'bundle_id' | 'digest' | 'action' | 'target'>;

/** The subject of a mutation of this operation, as it was shown. */
export function subjectOf(operation: OperationView): AuditSubject {
  const { project, environment, name } = operation.target;
  return {
    op_id: operation.op_id,
    bundle_id: operation.bundle_id,
    digest: operation.plan?.digest ?? null,
    action: operation.steps.map(({ action }) => action).join(','),
    target: `${project}/${environment}/${name}`,
  };
}

/** A mutation that is about no operation. */
export function subjectWithoutOperation(target: string): AuditSubject {
  return { op_id: null, bundle_id: null, digest: null, action: null, target };
}

type WriteLine = (phase: LocalEvent['phase'], outcome: string) => Promise<void>;

function lineWriter(context: Context, command: string, subject: AuditSubject): WriteLine {
  const { deps, client } = context;
  const path = localAuditPath(dataFolder(deps));
  return (phase, outcome) =>
    appendLocalAudit(path, { phase, command, ...subject, outcome, server: client.url }, deps.now);
}

/** Once the server was asked, what it said matters more than that its echo could not be kept; the intent line stands. */
async function conclude(context: Context, write: WriteLine, outcome: string): Promise<void> {
  await write('outcome', outcome).catch((lost: unknown) => context.print.note(`warning: ${visible(String(lost))}`));
}

/** Keeps how a run ended that an earlier intent line announced. */
export async function recordEnd(context: Context, command: string, operation: OperationView): Promise<void> {
  await conclude(context, lineWriter(context, command, subjectOf(operation)), operation.display);
}

/**
 * Asks the server for a mutation between an intent and an outcome line of the local audit file. Where the intent
 * cannot be written the server is not asked.
 *
 * @param outcomeOf the word that the outcome line keeps.
 * @throws CodedError E_STORE, or whatever the work throws.
 */
export async function audited<T>(
  context: Context,
  command: string,
  subject: AuditSubject,
  work: () => Promise<T>,
  outcomeOf: (value: T) => string,
): Promise<T> {
  const write = lineWriter(context, command, subject);
  await write('intent', 'asked');
  try {
    const value = await work();
    await conclude(context, write, outcomeOf(value));
    return value;
  } catch (error) {
    await conclude(context, write, error instanceof CodedError ? error.code : 'E_INTERNAL');
    throw error;
  }
}
