import { readFile } from 'node:fs/promises';
import { CodedError, HostCode, type StepUpRequest } from '@countersign/protocol';
import { type Command, Option } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { renderTime } from '../render/time.ts';

interface StepUpOptions extends CommonOptions {
  readonly totp?: string;
}

/** The code in the file that the server wrote; asked for where this machine is another. */
async function hostCode({ deps, interactive }: Context, file: string): Promise<string> {
  const here = await readFile(file, 'utf8').catch(() => null);
  const text = here ?? (interactive ? await deps.terminal.ask(`Code in ${file} on the server: `) : null);
  const code = HostCode.safeParse(text?.trim());
  if (code.success) return code.data;
  throw new CodedError('E_STEP_UP_FAILED', `the code in ${file} cannot be read here`, {
    next: "run this on the server's host as the account that runs the server, or on a terminal and type the code",
  });
}

async function proofOf(context: Context, { totp }: StepUpOptions): Promise<StepUpRequest> {
  if (totp !== undefined) return { method: 'totp', code: totp };
  const { file } = await context.client.call('stepUpHost', { body: {} });
  return { method: 'host', code: await hostCode(context, file) };
}

/** `countersign step-up`: proves afresh who holds the token, for five minutes. */
export function configure(command: Command, session: Session): void {
  command.addOption(new Option('--totp <code>', 'prove it by the six digits of your authenticator instead'));
  addCommonOptions(command);
  addExamples(command, 'countersign step-up', 'countersign step-up --totp 123456');
  setAction<StepUpOptions>(command, session, async (context, options) => {
    const { client, print } = context;
    const proof = await proofOf(context, options);
    const call = () => client.call('stepUp', { body: proof });
    const view = await audited(context, 'step-up', subjectWithoutOperation(proof.method), call, () => 'stepped up');
    print.text(`Proven by ${proof.method}; counts until ${renderTime(view.fresh_until)}.`);
    print.document(view);
    return 0;
  });
}
