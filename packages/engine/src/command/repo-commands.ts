import {
  AiCommandInputs,
  type AiCommandName,
  AiCommandOutputs,
  accept,
  type Json,
  JsonObject,
  type Outcome,
  refuse,
  type StepInput,
} from '@countersign/protocol';
import { dispatchAction } from '../dispatch/agent-connector.ts';

/** One read of the caller's own that a command puts before the provider, with what it is called there. */
export interface CommandRead {
  readonly source: string;
  readonly action: 'repo.file' | 'repo.diff' | 'repo.status';
  readonly inputs: JsonObject;
}

/** What a command asks, once its inputs were read. */
export interface CommandTask {
  readonly prompt: string;
  readonly reads: readonly CommandRead[];
  /** The operation whose failing checks are put before the provider too. */
  readonly checksOf: string | null;
}

/** A governed command: what it takes, what it may read, what a provider must answer, and the typed steps that makes. */
export interface CommandTemplate {
  readonly name: AiCommandName;
  readonly title: string;
  readonly description: string;
  readonly reads: readonly string[];
  /** The action of its draft. */
  readonly makes: 'repo.apply_patch' | typeof dispatchAction;
  readonly task: string;
  taskOf(inputs: JsonObject): Outcome<CommandTask>;
  stepsOf(answer: Json): Outcome<readonly StepInput[]>;
}

const longestFile = 32_768;
const file = (path: string): CommandRead => ({
  source: `file ${path}`,
  action: 'repo.file',
  inputs: { path, max_bytes: longestFile },
});

const patchTask =
  'You write a patch for a git repository. Answer with a commit message and a unified diff as git writes it: a/ and b/ paths, hunks with correct line counts and three lines of context that stand in the files exactly so. Change as little as does it.';

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The first thing that is wrong with a command's inputs. */
function wrongInput([issue]: readonly Issue[]): Outcome<never> {
  const path = issue?.path.map(String).join('/') ?? '';
  const field = path === '' ? '/inputs' : `/inputs/${path}`;
  return refuse('E_VALIDATION', `${field}: ${issue?.message ?? 'is not valid'}`, {
    field,
    next: 'see GET /v1/ai-commands for what the command takes',
  });
}

function wrongAnswer(): Outcome<never> {
  return refuse('E_PROVIDER_INVALID_OUTPUT', 'the provider answered something else than the command asks for');
}

function patchSteps(answer: Json): Outcome<readonly StepInput[]> {
  const parsed = AiCommandOutputs.generate_patch.safeParse(answer);
  if (!parsed.success) return wrongAnswer();
  const { message, patch } = parsed.data;
  const whole = patch.endsWith('\n') ? patch : `${patch}\n`;
  return accept([{ action: 'repo.apply_patch', inputs: { message, patch: whole } }]);
}

function instructionSteps(text: string): Outcome<readonly StepInput[]> {
  return accept([{ action: dispatchAction, inputs: { instruction: text } }]);
}

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

const templates: readonly CommandTemplate[] = [
  {
    name: 'generate_patch',
    title: 'Generate a patch',
    description: 'Drafts a patch that reaches a goal, from the files that are named.',
    reads: ['repo.file'],
    makes: 'repo.apply_patch',
    task: patchTask,
    taskOf(inputs) {
      const parsed = AiCommandInputs.generate_patch.safeParse(inputs);
      if (!parsed.success) return wrongInput(parsed.error.issues);
      const { goal, paths } = parsed.data;
      return accept({ prompt: `Goal: ${goal}`, reads: paths.map(file), checksOf: null });
    },
    stepsOf: patchSteps,
  },
  {
    name: 'fix_failing_check',
    title: 'Fix from a failing check',
    description: 'Drafts a patch that mends what the failing checks of an operation name.',
    reads: ['repo.file'],
    makes: 'repo.apply_patch',
    task: patchTask,
    taskOf(inputs) {
      const parsed = AiCommandInputs.fix_failing_check.safeParse(inputs);
      if (!parsed.success) return wrongInput(parsed.error.issues);
      const { op_id: checksOf, paths = [] } = parsed.data;
      return accept({ prompt: 'Goal: the checks below pass.', reads: paths.map(file), checksOf });
    },
    stepsOf: patchSteps,
  },
  {
    name: 'explain_drift',
    title: 'Explain drift',
    description: 'Drafts an explanation of what moved in a repository. Nothing of the repository is changed by it.',
    reads: ['repo.diff', 'repo.status'],
    makes: dispatchAction,
    task: 'You explain to the people who own a git repository what moved in it and what follows from that. Answer with a summary and single findings.',
    taskOf(inputs) {
      const parsed = AiCommandInputs.explain_drift.safeParse(inputs);
      if (!parsed.success) return wrongInput(parsed.error.issues);
      const asked = JsonObject.parse(parsed.data);
      const reads: CommandRead[] = [
        { source: 'diff', action: 'repo.diff', inputs: asked },
        { source: 'status', action: 'repo.status', inputs: {} },
      ];
      return accept({ prompt: 'Explain the difference.', reads, checksOf: null });
    },
    stepsOf(answer) {
      const parsed = AiCommandOutputs.explain_drift.safeParse(answer);
      if (!parsed.success) return wrongAnswer();
      return instructionSteps(`${parsed.data.summary}\n\n${bullets(parsed.data.findings)}`.trim());
    },
  },
  {
    name: 'prepare_upgrade',
    title: 'Prepare an upgrade plan',
    description:
      'Drafts the steps and risks of an upgrade as an instruction. Nothing of the repository is changed by it.',
    reads: ['repo.file'],
    makes: dispatchAction,
    task: 'You prepare an upgrade for the people who own a git repository. Answer with a title, ordered steps that can be checked one by one, and risks.',
    taskOf(inputs) {
      const parsed = AiCommandInputs.prepare_upgrade.safeParse(inputs);
      if (!parsed.success) return wrongInput(parsed.error.issues);
      const { goal, paths } = parsed.data;
      return accept({ prompt: `Goal: ${goal}`, reads: paths.map(file), checksOf: null });
    },
    stepsOf(answer) {
      const parsed = AiCommandOutputs.prepare_upgrade.safeParse(answer);
      if (!parsed.success) return wrongAnswer();
      const { title, steps, risks } = parsed.data;
      const ordered = steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
      return instructionSteps(`${title}\n\n${ordered}\n\nRisks:\n${bullets(risks)}`);
    },
  },
];

/** Every governed command. */
export function allCommands(): readonly CommandTemplate[] {
  return templates;
}

/** A command by its name, or null. */
export function commandNamed(name: string): CommandTemplate | null {
  return templates.find((template) => template.name === name) ?? null;
}

/** The connector whose targets the commands are about. */
export const commandConnector = 'repo';
