import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { withPeople } from '../harness/describe-server.ts';
import { openServer } from '../harness/open-server.ts';
import { startBearerProxy } from './bearer-proxy.ts';
import { startBridge } from './mcp-client.ts';
import { runNpx } from './run-npx.ts';

const Checks = z.array(z.looseObject({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));
/** Which scenarios fail, by which checks, and why; all others pass. */
const Expected = z.strictObject({
  suite: z.string(),
  requirements: z.string(),
  passing: z.array(z.string()),
  failing: z.record(z.string(), z.strictObject({ reason: z.string().min(20), checks: z.array(z.string()).min(1) })),
});

// What a check says when it looked for a tool, prompt or resource of the suite's own and there is none.
const ownFixture =
  /not found|Not testable|Prerequisite failed|not supported|Method not found|Expected InputRequiredResult/i;

test('the conformance suite passes but for what looks for its own fixtures or extensions (OR-7)', async () => {
  const expected = Expected.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, 'conformance-expected.json'), 'utf8')),
  );
  const server = await withPeople(await openServer('sqlite'));
  onTestFinished(() => server.close());
  const agent = await server.bearer({ name: 'robo', kind: 'agent', role: 'actions' }, server.alice.client);
  const bridge = await startBridge(server.url);
  onTestFinished(() => bridge.stop());
  // The suite cannot be told to send a token.
  const proxy = await startBearerProxy(bridge.url, agent.token);
  onTestFinished(() => proxy.close());
  const folder = join(tempFolder(), 'results');
  const args = ['server', '--url', proxy.url, '--requirements', expected.requirements, '-o', folder];
  const { stdout, stderr } = await runNpx(expected.suite, args);
  if (!stdout.includes('=== SUMMARY ===')) throw new Error(`the suite did not run:\n${stdout}\n${stderr}`);
  console.log(stdout.slice(stdout.indexOf('=== SUMMARY ===')));

  const passing: string[] = [];
  const failing: Record<string, string[]> = {};
  for (const name of readdirSync(folder).sort()) {
    const [, scenario = name] = /^server-(.*)-\d{4}-\d\d-\d\dT/.exec(name) ?? [];
    const checks = Checks.parse(JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')));
    const failed = checks.filter(({ status }) => status === 'FAILURE');
    if (failed.length === 0) passing.push(scenario);
    else failing[scenario] = failed.map(({ id }) => id).sort();
    // A check of ours that fails for a reason of its own would hide behind one that only misses a fixture.
    for (const { id, errorMessage = '' } of scenario.startsWith('tasks-') ? [] : failed)
      expect(`${scenario} ${id}: ${errorMessage}`).toMatch(ownFixture);
  }
  const listed = Object.entries(expected.failing).map(([scenario, { checks }]) => [scenario, [...checks].sort()]);
  expect(failing).toEqual(Object.fromEntries(listed));
  expect(passing).toEqual([...expected.passing].sort());
});
