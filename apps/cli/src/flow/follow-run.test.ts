import { connect } from '@countersign/client';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { startRouteServer } from '../fake-console/route-server.ts';
import { sampleIds, sampleOperation } from '../fake-console/sample-operation.ts';
import type { Context } from '../program/context.ts';
import { plainColors } from '../render/colors.ts';
import { followRun } from './follow-run.ts';

const running = 'id: 0\ndata: {"type":"state","subject":"run","state":"running"}\n\n';
const ended = 'id: 1\ndata: {"type":"end","state":"cancelled"}\n\n';

/** A run that goes on until it is cancelled, and a person who presses Ctrl-C at its first event. */
async function follow(
  interactive: boolean,
  answer: (press: () => void, signal?: AbortSignal) => Promise<string | null>,
) {
  let cancelled = false;
  const server = await startRouteServer({
    opsEvents: () => (cancelled ? ended : running),
    opsGet: () => sampleOperation(),
    opsCancel: () => {
      cancelled = true;
      return sampleOperation({ display: 'cancelling' });
    },
  });
  onTestFinished(server.close);
  const handlers = new Set<() => void>();
  const press = () => {
    for (const handler of handlers) handler();
  };
  let pressed = false;
  const questions: string[] = [];
  const output = { write: () => undefined, isTty: false, columns: 80 };
  const note = () => {
    if (!pressed) setTimeout(press);
    pressed = true;
  };
  const ignore = () => undefined;
  const context: Context = {
    interactive,
    client: connect({ url: server.url }),
    print: {
      json: false,
      colors: plainColors,
      noteColors: plainColors,
      text: ignore,
      shown: ignore,
      stream: ignore,
      note,
      next: ignore,
      document: ignore,
    },
    deps: {
      version: '0',
      env: {},
      cwd: tempFolder(),
      now: () => Date.now(),
      randomId: () => 'id',
      commands: {
        serve: async () => 0,
        worker: async () => 0,
        mcp: async () => 0,
        init: async () => 0,
        demo: async () => 0,
        examineHost: nowhere,
        checkBackup: nowhere,
        restore: nowhere,
        replay: nowhere,
        checkPolicies: nowhere,
        initPolicies: nowhere,
        testPolicies: nowhere,
        explainPolicies: nowhere,
      },
      terminal: {
        stdout: output,
        stderr: output,
        stdin: { isTty: interactive, readAll: async () => '' },
        ask: (question, signal) => {
          questions.push(question);
          return answer(press, signal);
        },
        onInterrupt: (handler) => {
          handlers.add(handler);
          return () => handlers.delete(handler);
        },
      },
    },
  };
  const end = await followRun(context, sampleIds.op);
  return { end, questions, cancelled, listening: handlers.size };
}

const nowhere = () => Promise.reject(new Error('there is no installation in this test'));

test('Ctrl-C asks; yes cancels the run and follows it to its end', async () => {
  const result = await follow(true, async () => 'y');
  expect(result).toMatchObject({ end: 'ended', cancelled: true, listening: 0 });
  expect(result.questions).toHaveLength(1);
});

test('a second Ctrl-C while it asks leaves the run as it is', async () => {
  const result = await follow(true, (press, signal) => {
    setTimeout(press);
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(null)));
  });
  expect(result).toMatchObject({ end: 'left', cancelled: false, listening: 0 });
});

test('where nobody can be asked, Ctrl-C leaves at once', async () => {
  const result = await follow(false, async () => expect.fail('asked'));
  expect(result).toMatchObject({ end: 'left', cancelled: false });
  expect(result.questions).toEqual([]);
});
