import { type AnyConnector, localExec, replayRecord } from '@countersign/connector-kit';
import { CodedError, createTargetScrubber, type ReplayRecord, type ReplayReport } from '@countersign/protocol';
import { scrubbedAsPlan } from '@countersign/runner';
import { connectors } from '../worker/compose-worker.ts';

/** A replay of a large change is git's work, not a person's wait. */
const timeoutMs = 600_000;

/** Settings that let a connector replay here: a repository where an auditor has it, nothing where nothing is touched. */
function configOf(connector: AnyConnector, repository: string | undefined): unknown {
  if (connector.name !== 'repo') return {};
  if (repository !== undefined) return { path: repository };
  throw new CodedError('E_VALIDATION', 'an exact replay needs a repository that has the commit before the change', {
    field: '--repository',
    next: 'name a clone: countersign replay FOLDER --repository PATH',
  });
}

/** Replays what a bundle records on this machine, with no server: the repository named is borrowed from, never written. */
export async function replayOffline(record: ReplayRecord, repository: string | undefined): Promise<ReplayReport> {
  const { name } = record.plan.connector;
  const connector = connectors.find((known) => known.name === name);
  if (connector === undefined) {
    throw new CodedError('E_CAPABILITY_DISABLED', `this version has no connector "${name}" to replay with`, {
      next: 'use the version of Countersign that made the plan, or newer',
    });
  }
  const target = connector.connect(configOf(connector, repository), { exec: localExec, now: () => Date.now() });
  try {
    const context = {
      signal: AbortSignal.timeout(timeoutMs),
      outputCapBytes: 0,
      output: async () => false,
      progress: () => undefined,
    };
    const actions = new Map(connector.actions.map((action) => [action.name, action]));
    return await replayRecord(target, actions, record, context, scrubbedAsPlan(createTargetScrubber([])));
  } finally {
    await target.close();
  }
}
