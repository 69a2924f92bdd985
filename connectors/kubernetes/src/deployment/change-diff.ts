import { nearestNames } from '@countersign/connector-kit';
import type { Diff } from '@countersign/protocol';
import {
  RestartInputs,
  restartAction,
  ScaleInputs,
  SetImageInputs,
  scaleAction,
  setImageAction,
} from '../manifest/write-actions.ts';
import type { ObservedDeployment } from './observed.ts';

/** Where a container stands in the pod template. */
export interface ChosenContainer {
  readonly list: 'containers' | 'initContainers';
  readonly name: string;
}

/** The container that `k8s.set_image` means, or why it is none. */
export function imageContainer(
  { images, init_images }: Pick<ObservedDeployment, 'images' | 'init_images'>,
  named: string | undefined,
): ChosenContainer | { readonly problem: string } {
  const names = Object.keys(images);
  if (named !== undefined) {
    if (Object.hasOwn(images, named)) return { list: 'containers', name: named };
    if (Object.hasOwn(init_images, named)) return { list: 'initContainers', name: named };
    const near = nearestNames(named, [...names, ...Object.keys(init_images)]);
    return { problem: `no container ${named}${near.length === 0 ? '' : `; nearest: ${near.join(', ')}`}` };
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return { list: 'containers', name: only };
  return { problem: `there are several containers, name one: ${names.join(', ')}` };
}

/** A deployment before a step and after it, in the fields that the diff shows. */
export interface DeploymentChange {
  readonly diff: Diff;
  readonly after: ObservedDeployment;
}

function imageLines(before: ObservedDeployment, after: ObservedDeployment): string[] {
  const of = (was: Readonly<Record<string, string>>, is: Readonly<Record<string, string>>, word: string): string[] =>
    Object.entries(was).flatMap(([name, image]) =>
      image === is[name]
        ? [` ${word} ${name}: ${image}`]
        : [`-${word} ${name}: ${image}`, `+${word} ${name}: ${is[name]}`],
    );
  return [...of(before.init_images, after.init_images, 'init image'), ...of(before.images, after.images, 'image')];
}

/** The diff of two states: replicas, pods, images, and how they are replaced. It names no time, so it does not age. */
function diffOf(
  step: number,
  summary: string,
  before: ObservedDeployment,
  after: ObservedDeployment,
  newPods: boolean,
): Diff {
  const path = `namespaces/${before.namespace}/deployments.apps/${before.name}`;
  const replicas =
    before.replicas === after.replicas
      ? [` replicas: ${before.replicas}`]
      : [`-replicas: ${before.replicas}`, `+replicas: ${after.replicas}`];
  const pods = newPods ? ['-pods: <those of now>', '+pods: <new ones>'] : [];
  const lines = [
    ...[`--- ${path}`, `+++ ${path}`, '@@ spec @@'],
    ...[...replicas, ...pods, ...imageLines(before, after)],
    ...[` strategy: ${before.strategy}`, ` paused: ${before.paused}`],
  ];
  return { step, path, summary, patch: `${lines.join('\n')}\n` };
}

function withImage(before: ObservedDeployment, { list, name }: ChosenContainer, image: string): ObservedDeployment {
  return list === 'containers'
    ? { ...before, images: { ...before.images, [name]: image } }
    : { ...before, init_images: { ...before.init_images, [name]: image } };
}

/**
 * What a step makes of a deployment. Undefined for a step that is none of scaling, restarting and setting an image, or that
 * names a container which is not there.
 */
export function deploymentChange(
  step: { readonly index: number; readonly action: string; readonly inputs: unknown },
  before: ObservedDeployment,
): DeploymentChange | undefined {
  if (step.action === scaleAction.name) {
    const after = { ...before, replicas: ScaleInputs.parse(step.inputs).replicas };
    const summary = `scale: ${before.replicas} to ${after.replicas} pods`;
    return { diff: diffOf(step.index, summary, before, after, false), after };
  }
  if (step.action === restartAction.name) {
    RestartInputs.parse(step.inputs);
    return { diff: diffOf(step.index, 'restart: pods replaced', before, before, true), after: before };
  }
  if (step.action !== setImageAction.name) return undefined;
  const { container, image } = SetImageInputs.parse(step.inputs);
  const chosen = imageContainer(before, container);
  if ('problem' in chosen) return undefined;
  const after = withImage(before, chosen, image);
  const same = JSON.stringify(after) === JSON.stringify(before);
  return { diff: diffOf(step.index, `image of ${chosen.name}: ${image}`, before, after, !same), after };
}
