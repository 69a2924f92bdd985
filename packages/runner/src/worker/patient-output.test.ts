import { CodedError, type OutputRequest } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { jobOf } from '../fixture/fake-job.ts';
import { patientPort } from './patient-port.ts';

const never = async () => {
  throw new Error('not called');
};

it('numbers output, says it again under its number, and lets nothing overtake it', async () => {
  const said: number[][] = [];
  let failures = 2;
  const job = jobOf(1);
  const appendOutput = async (_fence: unknown, { first, events }: OutputRequest): Promise<void> => {
    said.push([first, events.length]);
    if (first === 3 && failures > 0) {
      failures -= 1;
      throw new CodedError('E_STORE', 'heard, but the answer was lost');
    }
  };
  const port = patientPort(
    {
      register: never,
      claim: never,
      heartbeat: never,
      recordIntent: never,
      recordOutcome: never,
      complete: never,
      assigned: never,
      appendOutput,
    },
    job,
    new AbortController().signal,
  );
  const fence = { job_id: job.job_id, fence: 1, instance: job.job_id };
  const event = { type: 'progress', step: 0, message: 'm', fraction: null } as const;
  await Promise.all([
    port.appendOutput(fence, [event, event]),
    port.appendOutput(fence, [event]),
    port.appendOutput(fence, [event, event]),
  ]);
  expect(said).toEqual([
    [1, 2],
    [3, 1],
    [3, 1],
    [3, 1],
    [4, 2],
  ]);
});
