import type { ConnectorManifest, StepInput } from '@countersign/protocol';

/**
 * The steps with those that their actions want behind them, where they are not there already: what puts a change right that
 * did not turn out well is a step like any other, shown, decided on and approved.
 */
export function withCompensations(manifest: ConnectorManifest, steps: readonly StepInput[]): StepInput[] {
  return steps.flatMap((step, index) => {
    const { compensation } = manifest.actions.find(({ name }) => name === step.action) ?? {};
    if (compensation === undefined || steps[index + 1]?.action === compensation.action) return [step];
    const inputs = Object.fromEntries(
      Object.entries(step.inputs).filter(([name]) => compensation.inputs.includes(name)),
    );
    return [step, { action: compensation.action, inputs }];
  });
}
