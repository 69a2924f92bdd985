import { visible, visibleLine } from '@countersign/evidence';
import type { ActionAnswer, JsonObject } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { exitOf, exitOfFailure } from '../program/exit-code.ts';
import { visibleJson } from '../render/json.ts';
import { failureText } from '../render/run.ts';
import { followRun } from './follow-run.ts';

const largestInline = 1024 * 1024;

/** The one text artifact of a read that is small enough to print; null where there is none or several. */
async function textArtifact(context: Context, answer: ActionAnswer): Promise<string | null> {
  const [artifact, second] = answer.artifacts;
  const isText = artifact !== undefined && /^text\/|^application\/json/.test(artifact.media_type);
  if (!isText || second !== undefined || artifact.size_bytes > largestInline) return null;
  const bytes = await context.client.call('artifact', { params: { artifact_id: artifact.artifact_id } });
  return new TextDecoder().decode(bytes);
}

function summaryLines(summary: JsonObject, scalarsOnly: boolean): string[] {
  return Object.entries(summary)
    .filter(([, value]) => !scalarsOnly || typeof value !== 'object')
    .map(([name, value]) => {
      const text = typeof value === 'string' ? visibleLine(value) : visibleJson(value);
      return `${visibleLine(name)}: ${text}`;
    });
}

async function printAnswer(context: Context, answer: ActionAnswer, streamed: boolean): Promise<void> {
  const { print } = context;
  if (print.json) return print.document(answer);
  const text = streamed ? null : await textArtifact(context, answer);
  if (text !== null) print.text(visible(text));
  // Beside its whole output a list in the summary would be the same again.
  const lines = summaryLines(answer.summary ?? {}, text !== null || streamed);
  if (lines.length > 0) (text === null && !streamed ? print.text : print.note)(lines.join('\n'));
  for (const { artifact_id: id, name, size_bytes: size } of answer.artifacts) {
    print.note(print.colors.dim(`artifact ${id} ${visibleLine(name)}, ${size} bytes`));
  }
  if (answer.truncated) print.note(`output cut at ${answer.output_cap_bytes} bytes`);
}

/** What a read is asked with. */
export interface ReadRequest {
  readonly action: string;
  readonly inputs: JsonObject;
  readonly request_id: string;
  readonly target?: string;
  readonly project?: string;
  readonly environment?: string;
}

/** Runs a read action, prints its output as it comes and its result; answers the exit code. */
export async function readAction(context: Context, request: ReadRequest): Promise<number> {
  const { client, print } = context;
  const asked = await client.call('actionExecute', { body: { ...request, wait_ms: 0 } });
  let streamed = false;
  const watched = {
    ...context,
    print: {
      ...print,
      stream: (text: string) => {
        streamed = true;
        print.stream(text);
      },
    },
  };
  const end = await followRun(watched, asked.op_id);
  if (end === 'left') return 130;
  const answer = await client.call('actionStatus', { params: { request_id: request.request_id } });
  await printAnswer(context, answer, streamed);
  if (answer.failure !== null)
    print.note(`${print.noteColors.red('failed')}: ${failureText(answer.failure, print.noteColors)}`);
  if (answer.status === 'succeeded') return 0;
  return answer.failure === null ? exitOf('E_CANCELLED') : exitOfFailure(answer.failure);
}
