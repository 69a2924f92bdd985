import {
  type AnyConnector,
  type ConnectedTarget,
  ConnectorError,
  type ConnectorPorts,
  defineConnector,
  type ParsedStep,
  type ReadResult,
  type WorkContext,
} from '@countersign/connector-kit';
import { apply } from './apply.ts';
import { RepoConfig } from './config.ts';
import { before } from './intent.ts';
import { actions } from './manifest.ts';
import { observe } from './observe.ts';
import { makeAllowlist } from './paths/allowlist.ts';
import { plan } from './plan.ts';
import { readiness } from './readiness.ts';
import { readDiff } from './reads/diff-read.ts';
import { readFile } from './reads/file-read.ts';
import { readLog } from './reads/log-read.ts';
import { readSearch } from './reads/search-read.ts';
import { readStatus } from './reads/status-read.ts';
import { readTree } from './reads/tree-read.ts';
import { reconcile } from './reconcile.ts';
import { replay } from './replay/replay.ts';
import type { RepoTarget } from './target.ts';
import { verify } from './verify.ts';

async function read(target: RepoTarget, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  switch (step.action) {
    case 'repo.file':
      return await readFile(target, step, context);
    case 'repo.tree':
      return await readTree(target, step, context);
    case 'repo.status':
      return await readStatus(target, context);
    case 'repo.diff':
      return await readDiff(target, step, context);
    case 'repo.search':
      return await readSearch(target, step, context);
    case 'repo.log':
      return await readLog(target, step, context);
    default:
      throw new ConnectorError('E_INTERNAL', `${step.action} is not a read of this connector`, { effect: 'none' });
  }
}

function connect(config: RepoConfig, ports: ConnectorPorts): ConnectedTarget {
  const target: RepoTarget = { config, ports, allowlist: makeAllowlist(config.allow, config.deny) };
  return {
    readiness: (signal) => readiness(target, signal),
    plan: (steps, context) => plan(target, steps, context),
    observe: (steps, context) => observe(target, steps, context),
    before: (step, guard, context) => before(target, step, guard, context),
    apply: (step, kept, guard, context) => apply(target, step, kept, guard, context),
    verify: (step, kept, applied, context) => verify(target, step, kept, applied, context),
    reconcile: (step, intent, context) => reconcile(target, step, intent, context),
    replay: (subject, context) => replay(target, subject, context),
    read: (step, context) => read(target, step, context),
    close: async () => {},
  };
}

/** Git repositories on the worker's machine: reads of commits, and changes as one commit on a branch. */
export const repoConnector: AnyConnector = defineConnector({
  name: 'repo',
  version: '0.1.0',
  config: RepoConfig,
  actions,
  connect,
});
