import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '@countersign/protocol';
import { dockerSocket, type RunningChild, startChild } from '@countersign/testing';
import { expect } from 'vitest';
import { z } from 'zod';
import { docker } from '../../../connectors/docker/src/live/containers.ts';

/** The demo's script. */
export const demoScript = join(import.meta.dirname, '../../../scripts/demo-devops.ts');

/** What `npm run demo:devops -- --json` prints. */
export const DemoReport = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{4}$/),
  parts: z.array(
    z.strictObject({
      part: z.string(),
      state: z.enum(['shown', 'failed', 'missing']),
      detail: z.string(),
      next: z.string().nullable(),
    }),
  ),
  steps: z.array(
    z.strictObject({
      number: z.int(),
      part: z.string(),
      title: z.string(),
      command: z.string().nullable(),
      answer: z.array(z.string()),
      passed: z.boolean(),
    }),
  ),
  seconds: z.number(),
  url: z.url().nullable(),
});
export type DemoReport = z.infer<typeof DemoReport>;

/** Starts the demo beside the tests' Docker; a cluster only where `env` names one. */
export function startDemo(options: readonly string[], env: Record<string, string> = {}): Promise<RunningChild> {
  const { KUBECONFIG: _, ...rest } = process.env;
  return startChild(process.execPath, [demoScript, ...options], {
    env: { ...rest, COUNTERSIGN_KUBE: '/nowhere', DOCKER_HOST: `unix://${dockerSocket()}`, ...env },
  });
}

/** Runs it to its end, which must be a good one. */
export async function playDemo(options: readonly string[], env: Record<string, string> = {}): Promise<DemoReport> {
  const demo = await startDemo(['--json', ...options], env);
  const { code } = await demo.exited;
  expect(code, demo.stdout() + demo.stderr()).toBe(0);
  return DemoReport.parse(readJson(demo.stdout()));
}

/** How each part ended, by its name. */
export const endsOf = ({ parts }: DemoReport) => Object.fromEntries(parts.map(({ part, state }) => [part, state]));

/** What the steps of one part answered. */
export const answersOf = ({ steps }: DemoReport, part: string): string =>
  steps.flatMap((step) => (step.part === part ? step.answer : [])).join('\n');

/** Containers, init scripts and folders that a demo left behind; others may run beside it. */
export async function leftBehind(id: string): Promise<string[]> {
  const containers = await docker('ps', '--all', '--quiet', '--filter', `label=countersign.demo=${id}`);
  const scripts = existsSync('/etc/init.d') ? readdirSync('/etc/init.d') : [];
  return [
    ...containers.split('\n').filter(Boolean),
    ...scripts.filter((name) => name === `orders-${id}`),
    ...readdirSync('/tmp').filter((name) => name.startsWith(`countersign-demo-${id}-`)),
  ];
}
