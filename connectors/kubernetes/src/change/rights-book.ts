import type { Check } from '@countersign/protocol';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { applyAction, rollbackAction, scaleAction } from '../manifest/write-actions.ts';
import { groupOf } from '../resource/resource.ts';
import { hasRight, type Right, rightText } from '../resource/rights.ts';
import type { View } from './look.ts';
import { fail, pass, warn } from './verdict.ts';

/** A right, and whether the step can do without it. */
interface Need extends Right {
  readonly optional?: string;
}

/** The rights that a step needs at the cluster. */
function needsOf({ step, subject, found }: View): Need[] {
  const { namespace, resource } = subject;
  const own = { group: groupOf(resource.apiVersion), resource: resource.plural, namespace };
  const needs: Need[] = [
    { verb: 'get', ...own },
    { verb: 'patch', ...own },
  ];
  if (step.action === applyAction.name) {
    if (found.is === 'missing') needs.push({ verb: 'create', ...own });
    return needs;
  }
  if (step.action === rollbackAction.name)
    needs.push({ verb: 'list', group: 'apps', resource: 'replicasets', namespace });
  if (step.action === scaleAction.name) {
    const autoscalers = { group: 'autoscaling', resource: 'horizontalpodautoscalers', namespace };
    needs.push({ verb: 'list', ...autoscalers, optional: 'an autoscaler that sets the number back would not be seen' });
  }
  needs.push({ verb: 'list', group: '', resource: 'pods', namespace, optional: 'a failed rollout could not say why' });
  return needs;
}

/** Asks the cluster for each right once in a plan. */
export class RightsBook {
  private readonly known = new Map<string, Promise<boolean>>();
  private readonly client: KubernetesClient;
  private readonly signal: AbortSignal;
  constructor(client: KubernetesClient, signal: AbortSignal) {
    this.client = client;
    this.signal = signal;
  }

  has(right: Right): Promise<boolean> {
    const text = rightText(right);
    const asked = this.known.get(text) ?? hasRight(this.client, right, this.signal);
    this.known.set(text, asked);
    return asked;
  }

  /** A check for each right that the step needs: what is missing names verb and resource. */
  async checks(view: View): Promise<Check[]> {
    const needs = needsOf(view);
    const answers = await Promise.all(needs.map(async (need) => ({ need, has: await this.has(need) })));
    return answers.map(({ need, has }) => {
      const text = rightText(need);
      const id = `right:${text}`;
      if (has) return { id, ...pass(`the account may ${text}`) };
      if (need.optional !== undefined) return { id, ...warn(`the account may not ${text}: ${need.optional}`) };
      return { id, ...fail(`the account may not ${text}: give it a role with that verb on that resource`) };
    });
  }
}
