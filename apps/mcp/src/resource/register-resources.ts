import {
  type McpServer,
  ProtocolError,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
  type Variables,
} from '@modelcontextprotocol/server';
import { approvedContent, approvedList, approvedRun, taskPlan } from '../bridge/approved-content.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { asProtocolError } from '../bridge/upstream-error.ts';
import { completeApprovedId } from './complete-approved-id.ts';
import { jsonMetadata, jsonResource } from './json-resource.ts';
import { repositoryContext } from './repository-context.ts';

/** Reads, and spells refusals as the protocol has them: what is not known names its address under `data.uri`. */
async function read(uri: URL, answer: () => Promise<ReadResourceResult>): Promise<ReadResourceResult> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof ProtocolError) throw new ResourceNotFoundError(uri.href, error.message);
    throw asProtocolError(error);
  }
}

/** A template's variable as it was sent. */
function idIn(variables: Variables): string {
  const id = variables['id'];
  return typeof id === 'string' ? id : (id?.join(',') ?? '');
}

/** Everything that can be read. Each answer is asked of the server at that moment. */
export function registerResources(server: McpServer, bridge: Bridge): void {
  server.registerResource(
    'plan',
    'ops://plan',
    jsonMetadata('Task list', "The installation's task list; nothing of it runs."),
    (uri) =>
      read(uri, async () => jsonResource(uri, "The installation's task list.", { task_plan: await taskPlan(bridge) })),
  );
  server.registerResource(
    'approved',
    'ops://approved',
    jsonMetadata('Approved changes', 'What people approved and has not run, newest first.'),
    (uri) =>
      read(uri, async () => jsonResource(uri, 'What people approved.', { approved: await approvedList(bridge) })),
  );
  server.registerResource(
    'approved-change',
    new ResourceTemplate('ops://approved/{id}', {
      list: async () => ({
        resources: (await approvedList(bridge)).map(({ id, target, kind }) => ({
          uri: `ops://approved/${id}`,
          name: id,
          title: `Approved ${kind} for ${target.name}`,
        })),
      }),
      complete: { id: (value) => completeApprovedId(bridge, value) },
    }),
    jsonMetadata('Approved change', 'One change exactly as it was approved.'),
    (uri, variables) =>
      read(uri, async () =>
        jsonResource(uri, 'One change exactly as it was approved.', {
          approved: await approvedContent(bridge, idIn(variables)),
        }),
      ),
  );
  server.registerResource(
    'run',
    new ResourceTemplate('ops://runs/{id}', { list: undefined }),
    jsonMetadata('Run', 'How a run of an approved change stands, with what it said.'),
    (uri, variables) =>
      read(uri, async () =>
        jsonResource(uri, 'A run, with lines that its target wrote.', {
          run: await approvedRun(bridge, idIn(variables)),
        }),
      ),
  );
  server.registerResource(
    'context',
    'ops://context',
    jsonMetadata('Repository', 'The active repository, how it stands, and which of its paths may be changed.'),
    (uri) =>
      read(uri, async () => jsonResource(uri, 'The active repository.', { ...(await repositoryContext(bridge)) })),
  );
}
