import { DispatchFinishAnswer, DispatchFinishRequest } from '@countersign/protocol';
import { z } from 'zod';
import { heldDispatch, ofHeld } from '../bridge/held-dispatch.ts';
import { defineTool, ownWords } from './tool.ts';

const { result, message } = DispatchFinishRequest.shape;
const mostFiles = 16;

/** `finish_dispatch`: how it ended. The lease is its key: said twice it ends once. */
export const finishDispatch = defineTool({
  name: 'finish_dispatch',
  title: 'Say how it ended',
  description:
    'Ends the run of your instruction. unknown is an honest answer where you cannot tell: a person then looks. The lease is the key: said twice it ends once.',
  input: z.strictObject({
    ...heldDispatch,
    result: result.describe('How it ended.'),
    message: message.describe('Why, for any other end than succeeded.'),
    summary: z.record(z.string(), z.string()).default({}).describe('Facts for people, such as a commit.'),
    files: z
      .array(z.strictObject({ name: z.string().min(1).max(128), text: z.string() }))
      .max(mostFiles)
      .default([])
      .describe('Text files that the evidence keeps, such as a patch or a log.'),
  }),
  output: DispatchFinishAnswer,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async run({ run_id: id, files, ...told }, bridge) {
    const artifacts = files.map(({ name, text }) => ({
      name,
      media_type: 'text/plain; charset=utf-8',
      content_base64: Buffer.from(text, 'utf8').toString('base64'),
      truncated: false,
    }));
    const body = { ...told, artifacts };
    return ownWords(
      await ofHeld(bridge, id, (client, run_id) => client.call('dispatchFinish', { params: { run_id }, body })),
    );
  },
});
