import type { ParsedStep } from '@countersign/connector-kit';
import { z } from 'zod';
import { restartAction, rollbackAction, scaleAction, setImageAction } from '../manifest/write-actions.ts';

const deploymentActions: ReadonlySet<string> = new Set(
  [scaleAction, restartAction, setImageAction, rollbackAction].map(({ name }) => name),
);

/** Whether a step is about a deployment by its name. */
export function isDeploymentStep({ action }: Pick<ParsedStep, 'action'>): boolean {
  return deploymentActions.has(action);
}

/** What all steps about a deployment say. */
export const DeploymentInputs = z.looseObject({
  deployment: z.string(),
  namespace: z.string().optional(),
  wait_seconds: z.int(),
});
