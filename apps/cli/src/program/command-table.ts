import type { CommandEntry } from './command-entry.ts';

type Group = CommandEntry['group'];
const entry = (group: Group, name: string, summary: string, load: CommandEntry['load']): CommandEntry => ({
  group,
  name,
  summary,
  load,
});

/** Every command, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  entry('Start', 'serve', 'Run the server', () => import('../command/serve-command.ts')),
  entry('Start', 'init', 'Write countersign.yaml here', () => import('../command/init-command.ts')),
  entry('Start', 'demo', 'Play the whole pipeline in this terminal', () => import('../command/demo-command.ts')),
  entry('Start', 'worker', 'Run a worker beside remote targets', () => import('../command/worker-command.ts')),
  entry('Start', 'mcp', 'Serve agents over MCP, stdio or HTTP', () => import('../command/mcp-command.ts')),

  entry('Change', 'do', 'Propose, show, confirm, run and follow one action', () => import('../command/do-command.ts')),
  entry(
    'Change',
    'ask',
    'Say what shall be done; show, confirm and run the plan',
    () => import('../command/ask-command.ts'),
  ),
  entry('Change', 'plan', 'Propose and show the plan; run nothing', () => import('../command/plan-command.ts')),
  entry('Change', 'drafts', 'What waits, and instructions for agents', () => import('../command/drafts-command.ts')),
  entry('Change', 'edit', 'Change a draft in your editor', () => import('../command/edit-command.ts')),
  entry('Change', 'start', 'Run a planned operation and follow it', () => import('../command/start-command.ts')),
  entry('Change', 'group', 'Run a group in waves; sign its list', () => import('../command/group-command.ts')),
  entry('Change', 'rollback', 'Take back what an operation applied', () => import('../command/rollback-command.ts')),
  entry('Change', 'cancel', 'Withdraw an operation, or cancel its run', () => import('../command/cancel-command.ts')),

  entry('Decide', 'confirm', 'Confirm a plan you requested', () => import('../command/confirm-command.ts')),
  entry('Decide', 'approve', 'Approve exactly the plan that is shown', () => import('../command/approve-command.ts')),
  entry('Decide', 'reject', 'Reject an operation for good', () => import('../command/reject-command.ts')),
  entry(
    'Decide',
    'resolve',
    'Say what happened where the outcome is unknown',
    () => import('../command/resolve-command.ts'),
  ),

  entry(
    'Decide',
    'break-glass',
    'Run past freeze and approval, and review that',
    () => import('../command/break-glass-command.ts'),
  ),

  entry('Look', 'ls', 'List operations, newest first', () => import('../command/ls-command.ts')),
  entry('Look', 'show', 'Show one operation with its plan', () => import('../command/show-command.ts')),
  entry('Look', 'logs', 'Print the output of a run', () => import('../command/logs-command.ts')),
  entry('Look', 'actions', 'List what can be done', () => import('../command/actions-command.ts')),
  entry('Look', 'targets', 'List where it can be done', () => import('../command/targets-command.ts')),

  entry('Prove', 'evidence', 'Fetch or export a bundle', () => import('../command/evidence-command.ts')),
  entry('Prove', 'verify', 'Verify a bundle offline', () => import('../command/verify-command.ts')),
  entry('Prove', 'replay', 'Do a recorded change again and compare', () => import('../command/replay-command.ts')),
  entry('Prove', 'measures', 'Success measures from the audit', () => import('../command/measures-command.ts')),
  entry('Prove', 'audit', 'Read, export and verify the audit log', () => import('../command/audit-command.ts')),
  entry('Prove', 'trust', 'Export the trust root that verifiers keep', () => import('../command/trust-command.ts')),
  entry('Prove', 'keys', 'List and rotate the signing keys', () => import('../command/keys-command.ts')),

  entry('Run it', 'policy', 'Check, test, explain and reload policies', () => import('../command/policy-command.ts')),
  entry('Run it', 'freeze', 'Let nothing start in an environment', () => import('../command/freeze-command.ts')),
  entry('Run it', 'thaw', 'Lift the freeze of an environment', () => import('../command/thaw-command.ts')),
  entry('Run it', 'freezes', 'List frozen environments', () => import('../command/freezes-command.ts')),
  entry(
    'Run it',
    'people',
    'Invite people, say what they may do, end their access',
    () => import('../command/people-command.ts'),
  ),
  entry(
    'Run it',
    'step-up',
    'Prove afresh who you are, for five minutes',
    () => import('../command/step-up-command.ts'),
  ),
  entry('Run it', 'workers', 'List workers, let them join, end them', () => import('../command/workers-command.ts')),
  entry('Run it', 'token', 'Make, list and revoke tokens', () => import('../command/token-command.ts')),
  entry(
    'Run it',
    'health',
    'Readiness of server, connectors and workers',
    () => import('../command/health-command.ts'),
  ),
  entry(
    'Run it',
    'storage',
    'What is kept, and taking what is kept long enough',
    () => import('../command/storage-command.ts'),
  ),
  entry(
    'Run it',
    'completion',
    'Complete commands in bash, zsh or fish',
    () => import('../command/completion-command.ts'),
  ),
  entry('Run it', 'doctor', 'Examine this machine and the server', () => import('../command/doctor-command.ts')),
  entry('Run it', 'webhooks', 'List, test and mend webhooks', () => import('../command/webhooks-command.ts')),
  entry(
    'Run it',
    'provider',
    'List, choose and test the models that plan',
    () => import('../command/provider-command.ts'),
  ),
  entry(
    'Run it',
    'export',
    'Write drafts, runs and task list into a folder',
    () => import('../command/export-command.ts'),
  ),
  entry('Run it', 'backup', 'Back up the installation', () => import('../command/backup-command.ts')),
  entry('Run it', 'restore', 'Restore a backup into a new place', () => import('../command/restore-command.ts')),
  entry('Run it', 'panic', 'Stop everything from starting, or lift that', () => import('../command/panic-command.ts')),
];
