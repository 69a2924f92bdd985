import { ActionPattern, Flags, Name, Tier } from '@countersign/protocol';
import { z } from 'zod';
import { AdminConfig, LimitsConfig, WebConfig } from './access-config.ts';
import { AgentConfig } from './agent-config.ts';
import { CheckpointEntries } from './checkpoint-config.ts';
import { uniqueNames } from './entry-rules.ts';
import { TlsConfig, TrustProxy } from './listen-config.ts';
import { OutboundSettings } from './outbound-config.ts';
import { ChangeWindowEntries, PolicySettings } from './policy-config.ts';
import { ProvidersConfig } from './provider-config.ts';
import { SignInConfig } from './sign-in-config.ts';
import { WebhookEntries } from './webhook-config.ts';
import { WorkerConfig } from './worker-config.ts';

/** One target in `countersign.yaml`. `config` belongs to its connector and is parsed by it. */
const TargetEntry = z
  .strictObject({
    name: Name.meta({ description: 'Unique name of the target.' }),
    project: Name,
    environment: Name,
    tier: Tier.optional().meta({
      description: 'How much care it asks for; left out, the environment must be called dev, stage or prod.',
    }),
    connector: Name.meta({ description: 'Which kind of system: repo or docker.' }),
    config: z.record(z.string(), z.unknown()).default({}).meta({ description: "The connector's own settings." }),
    actions: z.array(ActionPattern).min(1).max(200).optional().meta({
      description:
        "The worker's own allowlist: docker.logs, docker.* or *. It does nothing else on this target, whoever asks; all of the connector's actions when left out.",
    }),
  })
  .refine((target) => target.tier !== undefined || Tier.safeParse(target.environment).success, {
    path: ['tier'],
    message: 'expected one of dev, stage, prod, because the environment has another name',
  });

const limit = (description: string) => z.number().positive().nullable().meta({ description });

/** How long what a person may look at is kept. Plans, approvals, bundles and the audit are always kept. */
const Retention = z.strictObject({
  artifact_days: limit('Days that outputs of reads are kept after their run; null for ever.').default(90),
  artifact_mb: limit('Megabytes of them; beyond that the oldest go. Null for no budget.').default(10_000),
  output_days: limit('Days that the live output of a run is kept; its bundle keeps the log. Null for ever.').default(
    90,
  ),
  output_mb: limit('Megabytes of it; beyond that the oldest goes. Null for no budget.').default(10_000),
  row_days: z
    .number()
    .min(1)
    .default(30)
    .meta({ description: 'Days that request ids, finished jobs and all but one checkpoint an hour are kept.' }),
});

/** `countersign.yaml`. */
export const Config = z.strictObject({
  profile: z
    .enum(['standard', 'solo'])
    .default('standard')
    .meta({ description: 'solo lets one person approve their own changes, and says so in every bundle.' }),
  approval_reminder_hours: z.number().positive().max(720).default(4).meta({
    description:
      'How long a plan may wait for a decision before people are reminded, and how long before a decision lapses they are.',
  }),
  approval_hours: z.number().positive().max(720).default(24).meta({ description: 'How long an approval holds.' }),
  lease_ms: z
    .int()
    .min(500)
    .max(600_000)
    .default(15_000)
    .meta({ description: 'How long a worker may be silent before its work is taken back.' }),
  backup_folder: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Where backups go, best another disk; `backups` in the data folder when left out.' }),
  streams: z
    .strictObject({
      per_principal: z.int().min(1).default(100).meta({ description: 'Streams that one principal may have open.' }),
      total: z.int().min(1).default(10_000).meta({ description: 'Streams that may be open in all.' }),
      max_seconds: z.int().min(1).max(86_400).default(3600).meta({ description: 'How long one may be open at once.' }),
      max_events: z.int().min(1).default(1_000_000).meta({ description: 'Events that one connection may carry.' }),
      max_mb: z.int().min(1).default(256).meta({ description: 'Megabytes that one connection may carry.' }),
    })
    .prefault({})
    .meta({ description: 'What readers of streams get. A stream that is ended by a limit is resumed where it was.' }),
  policies: PolicySettings.prefault({}).meta({ description: 'Who may do what, where.' }),
  change_windows: ChangeWindowEntries,
  tls: TlsConfig,
  trust_proxy: TrustProxy,
  checkpoints: CheckpointEntries,
  webhooks: WebhookEntries,
  outbound: OutboundSettings.prefault({}).meta({ description: 'What this server may call.' }),
  providers: ProvidersConfig.prefault({}).meta({
    description: 'Sources of models that plan, beside the rules that need none.',
  }),
  sign_in: SignInConfig.prefault({}),
  web: WebConfig.prefault({}).meta({ description: 'How browsers reach this server.' }),
  admin: AdminConfig.optional().meta({
    description: 'Serves /v1/dev at an address of its own, and nowhere else; with the rest when left out.',
  }),
  limits: LimitsConfig.prefault({}).meta({ description: 'How much may be asked. Beyond it the answer is 429.' }),
  flags: Flags.prefault({}).meta({ description: 'Capabilities that are on. GET /v1/meta says how they stand.' }),
  retention: Retention.prefault({}),
  agents: AgentConfig.prefault({}).meta({ description: 'Instructions for agents outside.' }),
  worker: WorkerConfig.prefault({}).meta({
    description: 'What the worker that reads this file takes from its server.',
  }),
  targets: z.array(TargetEntry).default([]).superRefine(uniqueNames),
});
export type Config = z.infer<typeof Config>;
export type TargetEntry = Config['targets'][number];

/** JSON Schema of `countersign.yaml`, for editors. */
export function configSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(Config, { target: 'draft-2020-12', io: 'input' }), null, 2)}\n`;
}
