import { fittingEntries, type ParsedStep, type ReadResult, type WorkContext } from '@countersign/connector-kit';
import { JsonValue } from '@countersign/protocol';
import type { ListedContainer } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { ListInputs } from '../manifest/list-action.ts';
import { selectableLabels } from './selectable-labels.ts';
import { plainLabels, withheld } from './withheld.ts';

/** The summary is an overview: what it leaves out stands in the artifact. */
const maxSummaryBytes = 128 * 1024;

/** The daemon's entry without what may be secret: the command and the values of unknown labels. */
export function withoutSecrets(raw: Record<string, unknown>): Record<string, unknown> {
  return { ...raw, Command: withheld, Labels: plainLabels(raw['Labels']) };
}

function overview(container: ListedContainer) {
  const { name, id, image, state, status, raw } = container;
  return { name, id, image, state, status, labels: selectableLabels(raw['Labels']) };
}

/** Lists containers by name. Under a cap both the summary and the artifact hold whole entries only. */
export async function listContainers(
  client: DockerClient,
  step: ParsedStep,
  context: WorkContext,
): Promise<ReadResult> {
  const { all, name = '' } = ListInputs.parse(step.inputs);
  const found = (await client.list(all, context.signal))
    .filter((container) => container.name.includes(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  const shown = fittingEntries(found.map(overview), Math.min(maxSummaryBytes, context.outputCapBytes / 2));
  const raw = fittingEntries(
    found.map((container) => JsonValue.parse(withoutSecrets(container.raw))),
    context.outputCapBytes,
  );
  const truncated = raw.length < found.length;
  return {
    summary: { count: found.length, containers: shown, truncated: truncated || shown.length < found.length },
    artifacts: [
      {
        name: 'containers.json',
        mediaType: 'application/json',
        content: Buffer.from(JSON.stringify(raw), 'utf8'),
        truncated,
      },
    ],
  };
}
