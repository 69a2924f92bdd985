import { Name } from '@countersign/protocol';
import {
  completable,
  type GetPromptResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { approvedContent } from '../bridge/approved-content.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { asProtocolError } from '../bridge/upstream-error.ts';
import { completeApprovedId } from '../resource/complete-approved-id.ts';
import { type Dispatch, dispatchText } from './dispatch-text.ts';

/** Refuses an argument that is no id: what was approved has no part in it. */
const refuseArgument = (name: string, message: string) =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, `${name}: ${message}`);

async function dispatched(
  bridge: Bridge,
  id: string,
  dispatch: Dispatch,
  agent: string | null,
): Promise<GetPromptResult> {
  try {
    const approved = await approvedContent(bridge, id);
    if (agent !== null && approved.agent !== null && approved.agent !== agent)
      throw refuseArgument('agent', `this was approved for the agent "${approved.agent}" alone`);
    const text = dispatchText(approved, dispatch);
    return { description: dispatch.heading, messages: [{ role: 'user', content: { type: 'text', text } }] };
  } catch (error) {
    throw asProtocolError(error);
  }
}

/** A path below the repository's root, on one line. */
const File = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}\\]+$/u, 'use a path on one line, with /')
  .refine(
    (path) => !path.split('/').some((part) => ['', '.', '..'].includes(part)),
    'use a relative path without . and ..',
  )
  .describe('Path of the one file that may be edited, from the root of the repository.');

/** The prompts of OR-7. Their arguments are ids of ops://approved; anything else is refused alike. */
export function registerPrompts(server: McpServer, bridge: Bridge): void {
  const approvedId = () =>
    completable(z.string().describe('Id of ops://approved, spelled a_ and 26 digits.'), (begun) =>
      completeApprovedId(bridge, begun),
    );

  server.registerPrompt(
    'orch_dispatch',
    {
      title: 'Orchestrate an approved change',
      description: 'The instruction for an orchestrator that carries out what was approved.',
      argsSchema: z.object({ approved_id: approvedId() }),
    },
    ({ approved_id: id }) =>
      dispatched(
        bridge,
        id,
        {
          heading: 'You orchestrate one change that a person approved in Countersign.',
          rules: ['You may divide the work and hand parts to others, each with sub_dispatch of the same approved id.'],
        },
        null,
      ),
  );
  server.registerPrompt(
    'sub_dispatch',
    {
      title: 'Hand an approved change to a sub-agent',
      description: 'The instruction for one agent that works for an orchestrator.',
      argsSchema: z.object({ approved_id: approvedId(), agent: Name.describe('Name of the agent.') }),
    },
    ({ approved_id: id, agent }) =>
      dispatched(
        bridge,
        id,
        {
          heading: `You are the agent ${agent}. You carry out one change that a person approved in Countersign.`,
          rules: ['Hand nothing on to other agents.'],
        },
        agent,
      ),
  );
  server.registerPrompt(
    'editp_dispatch',
    {
      title: 'Edit one file in place',
      description: 'The instruction for editing one file as it was approved.',
      argsSchema: z.object({ approved_id: approvedId(), file: File }),
    },
    ({ approved_id: id, file }) =>
      dispatched(
        bridge,
        id,
        {
          heading: `You edit the file ${JSON.stringify(file)} in place, as a person approved in Countersign.`,
          rules: ['Change this file and no other.', 'Keep everything in it that the instruction does not name.'],
        },
        null,
      ),
  );
}
