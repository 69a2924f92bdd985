import { CodedError, type OperationView } from '@countersign/protocol';
import type { Command } from 'commander';

/** Adds the operation that a command is about. */
export function addOperationArgument(command: Command): Command {
  return command.argument('<op>', 'operation id, or its first characters (at least 8)');
}

/** Adds `--digest`, which pins the plan for scripts. */
export function addDigestOption(command: Command): Command {
  return command.option('--digest <digest>', 'refuse with exit 4 unless the plan has exactly this digest');
}

/** Refuses where the caller pinned another plan than the one that is there now: E_DIGEST_MISMATCH. */
export function checkDigest(operation: OperationView, pinned: string | undefined): void {
  const digest = operation.plan?.digest ?? null;
  if (pinned === undefined || pinned === digest) return;
  const next = `countersign show ${operation.op_id}`;
  throw new CodedError('E_DIGEST_MISMATCH', 'the plan is not the one of --digest', { digest, next });
}
