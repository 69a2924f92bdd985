import type { Check } from '@countersign/protocol';
import type { Container } from '../answers.ts';
import { RecreateInputs } from '../manifest/recreate-actions.ts';
import type { StepView, Surroundings } from './change.ts';
import {
  changedOnce,
  checkOf,
  existence,
  fail,
  health,
  interruptionChecks,
  isThere,
  type Judgement,
  pass,
  warn,
} from './common-checks.ts';

function replaceable({ name, state, autoRemove, linked }: Container): Judgement {
  if (autoRemove) return fail(`${name} was started with --rm: it would be gone, not kept aside, once it is stopped`);
  if (linked) return fail(`${name} uses links of the old kind, which cannot be carried over: use a network`);
  if (state === 'running' || state === 'exited') return pass(`${name} is ${state}`);
  return fail(`${name} is ${state}: only one that runs or has ended is recreated`);
}

function manager({ name, managedBy }: Container): Judgement {
  if (managedBy === null) return pass(`no tool is known to make ${name} again`);
  return managedBy.startsWith('swarm')
    ? fail(`${name} belongs to the ${managedBy}: Swarm would start it again by itself`)
    : warn(`${name} belongs to the ${managedBy}: its next \`up\` makes it again as its file says`);
}

function imageChecks({ found, images, step }: StepView): Check[] {
  const { image: reference } = RecreateInputs.parse(step.inputs);
  const [wanted, old] = images;
  const hint = wanted?.image === undefined && wanted !== undefined ? wanted.nearest : [];
  const nearest = hint.length === 0 ? '' : `; nearest: ${hint.join(', ')}`;
  const checks = [
    checkOf(
      'image_present',
      found,
      wanted?.image === undefined
        ? fail(`the daemon has no image ${reference}: pull it first${nearest}`)
        : pass(`the daemon has the image ${reference}`),
    ),
    checkOf(
      'old_image_present',
      found,
      old?.image === undefined
        ? fail('the image of the container is gone: its defaults cannot be told from settings of its own')
        : pass('the image of the container is still there'),
    ),
  ];
  if (wanted?.image === undefined || found.container?.imageDigest !== wanted.image.digest) return checks;
  return [...checks, checkOf('image_differs', found, warn(`${found.container.name} is of this very image already`))];
}

/** The preflight checks of a recreation. */
export function recreateChecks(view: StepView, around: Surroundings): Check[] {
  const { found } = view;
  if (!isThere(found)) return [existence(found)];
  return [
    existence(found),
    checkOf('container_replaceable', found, replaceable(found.container)),
    checkOf('managed_by', found, manager(found.container)),
    ...imageChecks(view),
    health(found),
    ...interruptionChecks(found, around),
    ...changedOnce(view, around),
  ];
}
