import { fittingEntries, type ParsedStep, type ReadResult, type WorkContext } from '@countersign/connector-kit';
import { shortName } from '../change/find-service.ts';
import type { Driver } from '../driver/driver.ts';
import { ListInputs } from '../manifest.ts';
import type { ListedService } from '../service.ts';

/** The summary is an overview: what it leaves out stands in the artifact. */
const maxSummaryBytes = 64 * 1024;

/** What a manager knows of every service stands as its labels: `state=failed` selects those that failed. */
function overview({ name, phase, native, description }: ListedService, manager: string) {
  const labels = { manager, state: phase };
  return { name, short_name: shortName(name), state: phase, native, description, labels };
}

/** Lists services by name. Under a cap both the summary and the artifact hold whole entries only. */
export async function listServices(driver: Driver, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const { all, name = '' } = ListInputs.parse(step.inputs);
  const found = (await driver.list(context.signal))
    .filter((service) => service.name.includes(name) && (all || service.phase !== 'stopped'))
    .map((service) => overview(service, driver.name));
  const shown = fittingEntries(found, Math.min(maxSummaryBytes, context.outputCapBytes / 2));
  const whole = fittingEntries(found, context.outputCapBytes);
  const truncated = whole.length < found.length;
  return {
    summary: {
      manager: driver.name,
      count: found.length,
      services: shown,
      truncated: truncated || shown.length < found.length,
    },
    artifacts: [
      {
        name: 'services.json',
        mediaType: 'application/json',
        content: Buffer.from(JSON.stringify(whole), 'utf8'),
        truncated,
      },
    ],
  };
}
