import type { Applied, ConnectorPorts, ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Check, Diff, Json, ReconcileAnswer, ReplayComparison, StepInput } from '@countersign/protocol';
import type { ListedContainer } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import type { Found } from '../find-container.ts';
import type { FoundImage } from '../find-image.ts';
import type { Facts, ObservedContainer } from '../observed.ts';

/** One step with everything that it is about, as it was at one moment. */
export interface StepView {
  readonly step: ParsedStep;
  /** The container that is changed. */
  readonly found: Found;
  /** A second container, where the action names one. */
  readonly other?: Found;
  readonly images: readonly FoundImage[];
}

/** What checks of one step may look at beside its own view. */
export interface Surroundings {
  /** Running containers of the daemon. */
  readonly running: readonly ListedContainer[];
  /** The container that this process runs in. */
  readonly ownId: string | undefined;
  /** Views of the earlier steps. */
  readonly earlier: readonly StepView[];
}

/** An intent as the runner kept it. */
export interface KeptIntent {
  readonly before: Json;
  readonly guard: Json;
  readonly recordedAt: number;
}

export interface Reconciled {
  readonly answer: ReconcileAnswer;
  readonly after: Json;
  readonly guard: Json;
}

/** How one changing action is planned and done. */
export interface Change {
  readonly action: string;
  /** Looks at what the step names beside its container. */
  look(
    client: DockerClient,
    step: ParsedStep,
    found: Found,
    signal: AbortSignal,
  ): Promise<Pick<StepView, 'other' | 'images'>>;
  checks(view: StepView, surroundings: Surroundings): Check[];
  /** From the plan's preconditions alone, so that a replay derives the same. */
  diff(step: ParsedStep, facts: Facts): Diff;
  /** How it is taken back, or why it cannot be; null for a step that leaves nothing of its own. */
  inverse(step: ParsedStep, container: ObservedContainer): StepInput | string | null;
  before(client: DockerClient, step: ParsedStep, guard: Json, context: WorkContext): Promise<Json>;
  apply(client: DockerClient, step: ParsedStep, before: Json, guard: Json, context: WorkContext): Promise<Applied>;
  verify(client: DockerClient, step: ParsedStep, before: Json, applied: Applied, context: WorkContext): Promise<Json>;
  reconcile(
    client: DockerClient,
    step: ParsedStep,
    intent: KeptIntent,
    now: ConnectorPorts['now'],
    context: WorkContext,
  ): Promise<Reconciled>;
  /** The recorded result of an applied step against what the change makes of the observation. */
  compare(step: ParsedStep, recorded: { before: Json; after: Json }, facts: Facts): ReplayComparison[];
}

/** Nothing beside the container. */
export const nothingElse: Change['look'] = async () => ({ images: [] });
