import { CodedError, type ErrorCode, errorCodes, isErrorCode } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { startRouteServer } from '../fake-console/route-server.ts';
import { sampleEnded, sampleOperation, sampleVerdict } from '../fake-console/sample-operation.ts';
import { exitOf, exitOfPlan, exitOfRun } from './exit-code.ts';

const codes = Object.keys(errorCodes).filter(isErrorCode);

test('the six exit codes of the product are the registry’s', () => {
  expect(new Set(codes.map(exitOf))).toEqual(new Set([1, 2, 3, 4, 5]));
  const some: [ErrorCode, number][] = [
    ['E_VALIDATION', 2],
    ['E_POLICY_DENIED', 3],
    ['E_PLAN_STALE', 4],
    ['E_APPROVAL_REQUIRED', 5],
  ];
  for (const [code, exit] of some) expect(exitOf(code)).toBe(exit);
});

test('every code the server answers gives its exit code, one line for people and one document for programs', async () => {
  let code: ErrorCode = 'E_INTERNAL';
  const server = await startRouteServer({
    targets: () => {
      throw new CodedError(code, 'because\u001b[2J', { field: 'somewhere', next: 'do that' });
    },
  });
  onTestFinished(server.close);
  const cwd = tempFolder();
  for (code of codes) {
    const result = await runConsole(['targets', '--json', '--server', server.url], { cwd });
    expect([code, result.code]).toEqual([code, errorCodes[code].exit]);
    expect(JSON.parse(result.stdout)).toMatchObject({
      error: { code, detail: { field: 'somewhere' } },
      request_id: 'req-1',
    });
    expect(result.stderr).toBe(
      `error: because\\u{001B}[2J (${code}, request req-1)\n  field: somewhere\n  next: do that\n`,
    );
  }
  expect(server.calls.length).toBeGreaterThanOrEqual(codes.length);
});

test('a plan says how it went: fit, denied, blocked, impossible', () => {
  expect(exitOfPlan(sampleOperation({ verdict: sampleVerdict('needs', [{ kind: 'confirm' }]) }))).toBe(0);
  expect(exitOfPlan(sampleOperation({ verdict: sampleVerdict('deny') }))).toBe(3);
  const failing = { id: 'x', status: 'fail', severity: 'error', message: '' } as const;
  expect(exitOfPlan(sampleOperation({ checks: [failing] }))).toBe(1);
  expect(exitOfPlan(sampleOperation({ checks: [{ ...failing, severity: 'warning' }] }))).toBe(0);
});

test('a run says how it ended', () => {
  expect(exitOfRun(sampleEnded('succeeded'))).toBe(0);
  expect(exitOfRun(sampleEnded('cancelled'))).toBe(1);
  expect(exitOfRun(sampleEnded('failed', 'E_PLAN_STALE'))).toBe(4);
  expect(exitOfRun(sampleEnded('failed', 'E_OF_A_LATER_VERSION'))).toBe(1);
});
