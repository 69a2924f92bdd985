import type { Diff } from '@countersign/protocol';
import type { KeepInputs, RecreateInputs, RestoreInputs } from '../manifest/recreate-actions.ts';
import type { ObservedContainer, ObservedImage } from '../observed.ts';
import { keptName } from './swap.ts';

const list = (values: readonly string[]): string => (values.length === 0 ? 'none' : values.join(' '));

/** Defaults that an image gives to containers without settings of their own, one a line. */
function defaultsOf(image: ObservedImage): string[] {
  return [
    `command: ${JSON.stringify(image.command)}`,
    `entrypoint: ${JSON.stringify(image.entrypoint)}`,
    `working folder: ${image.working_dir === '' ? '/' : image.working_dir}`,
    `user: ${image.user === '' ? 'root' : image.user}`,
    `ports: ${list(image.ports)}`,
    `volumes: ${list(image.volumes)}`,
    `stop signal: ${image.stop_signal === '' ? 'SIGTERM' : image.stop_signal}`,
    `health check: ${image.health_check ? 'yes' : 'no'}`,
    `variables: ${list(image.variables)}`,
  ];
}

function changes(before: readonly string[], after: readonly string[]): string[] {
  return before.flatMap((line, index) => {
    const next = after[index] ?? '';
    return line === next ? [` ${line}`] : [`-${line}`, `+${next}`];
  });
}

function diffOf(step: number, name: string, summary: string, lines: readonly string[]): Diff {
  const path = `containers/${name}`;
  return { step, path, summary, patch: `${[`--- ${path}`, `+++ ${path}`, ...lines].join('\n')}\n` };
}

/** The configuration diff of a recreation: what the image changes, and what stays the container's own. */
export function recreateDiff(
  step: number,
  inputs: RecreateInputs,
  container: ObservedContainer,
  images: { readonly old: ObservedImage; readonly new: ObservedImage },
): Diff {
  const { name, image, image_digest: digest } = container;
  return diffOf(step, name, `recreated with ${inputs.image}; the old container is kept aside`, [
    '@@ image @@',
    ...changes(
      [`image: ${image}`, `image digest: ${digest}`],
      [`image: ${inputs.image}`, `image digest: ${images.new.digest}`],
    ),
    '@@ defaults of the image, where the container has none of its own @@',
    ...changes(defaultsOf(images.old), defaultsOf(images.new)),
    '@@ carried over @@',
    ' own command, variables, labels, mounts, volumes, ports and limits',
    ` restart policy: ${container.restart_policy}`,
    ` networks: ${list(container.networks)}`,
    '@@ containers @@',
    `-${name}: ${container.id.slice(0, 12)}, ${container.state}`,
    `+${name}: <new container>, started`,
    `+${keptName(name, container.id)}: ${container.id.slice(0, 12)}, stopped`,
    ` stop timeout: ${inputs.stop_timeout_seconds} s`,
  ]);
}

/** Both ends of the step that follows a recreation. */
export function keepDiff(step: number, inputs: KeepInputs, { name, id }: ObservedContainer): Diff {
  const short = id.slice(0, 12);
  return diffOf(step, name, `kept if healthy within ${inputs.healthy_within_seconds} s, else the old container again`, [
    `@@ if it is healthy within ${inputs.healthy_within_seconds} s (without health check: stays up for 5 s) @@`,
    ` ${name}: <new container>`,
    ` ${keptName(name, id)}: ${short}, stopped`,
    '@@ if it is not @@',
    `-${name}: <new container>`,
    `+${name}: ${short}, started; the run fails and says why`,
    `+${name}.failed-<id>: <new container>, stopped`,
    ` stop timeout: ${inputs.stop_timeout_seconds} s`,
  ]);
}

/** What putting a kept container back changes. */
export function restoreDiff(
  step: number,
  inputs: RestoreInputs,
  current: ObservedContainer,
  kept: ObservedContainer,
): Diff {
  const { name } = current;
  return diffOf(step, name, `${inputs.kept} takes its place again`, [
    '@@ containers @@',
    `-${name}: ${current.id.slice(0, 12)}, ${current.image}, ${current.state}`,
    `+${name}: ${kept.id.slice(0, 12)}, ${kept.image}, started`,
    `-${kept.name}: ${kept.id.slice(0, 12)}, ${kept.state}`,
    `+${keptName(name, current.id)}: ${current.id.slice(0, 12)}, stopped`,
    ` restart policy: ${current.restart_policy}`,
    ` stop timeout: ${inputs.stop_timeout_seconds} s`,
  ]);
}
