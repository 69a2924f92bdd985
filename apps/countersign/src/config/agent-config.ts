import { agentConnector } from '@countersign/engine';
import { CodedError, Name, type TargetRef, Tier } from '@countersign/protocol';
import { z } from 'zod';

/** The built-in target of instructions for agents. */
export const AgentConfig = z.strictObject({
  enabled: z.boolean().default(true).meta({ description: 'Whether instructions can be drafted and handed over.' }),
  target: Name.default('agent').meta({ description: 'What the target is called.' }),
  project: Name.default('agents').meta({ description: 'Its project: whoever has a role there drafts and hands over.' }),
  environment: Name.default('main'),
  tier: Tier.default('stage').meta({
    description: 'How much care an instruction asks for; in stage its requester confirms it, in prod another approves.',
  }),
  lease_ms: z
    .int()
    .min(1000)
    .max(3_600_000)
    .default(60_000)
    .meta({ description: 'How long an agent may be silent before it is in doubt what it did.' }),
  listed_days: z
    .number()
    .positive()
    .max(3650)
    .default(7)
    .meta({ description: 'Days that runs and rejected drafts stand in lists; ORCH_OPS_RUN_TTL overrides it.' }),
});
type Agents = { readonly agents: z.infer<typeof AgentConfig>; readonly targets: readonly { readonly name: string }[] };

/** The built-in target, or none where it is turned off. Throws E_CONFIG when another target has its name. */
export function agentTargets({ agents, targets }: Agents): TargetRef[] {
  const { enabled, target: name, project, environment, tier } = agents;
  if (!enabled) return [];
  if (targets.some((target) => target.name === name)) {
    throw new CodedError('E_CONFIG', `the target "${name}" is there for instructions to agents already`, {
      field: 'agents.target',
      next: 'give one of the two another name, or set agents.enabled to false',
    });
  }
  return [{ name, project, environment, tier, connector: agentConnector }];
}

/** Days that runs and rejected drafts stand in lists. Throws E_CONFIG where `ORCH_OPS_RUN_TTL` is no number of days. */
export function listedDays({ agents }: Agents, env: Readonly<Record<string, string | undefined>>): number {
  const given = env['ORCH_OPS_RUN_TTL'];
  if (given === undefined || given === '') return agents.listed_days;
  const days = Number(given);
  if (days > 0 && days <= 3650) return days;
  throw new CodedError('E_CONFIG', `ORCH_OPS_RUN_TTL is "${given}", not a number of days up to 3650`, {
    field: 'ORCH_OPS_RUN_TTL',
    next: 'give it in days, such as 7',
  });
}
