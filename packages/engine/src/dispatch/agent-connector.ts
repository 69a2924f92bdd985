import { canonicalBytes, canonicalJson, digestText, type Sha256 } from '@countersign/evidence';
import type { Operation } from '@countersign/kernel';
import {
  type ConnectorManifest,
  type Json,
  JsonObject,
  longestInstruction,
  type PlannedContent,
  type StepInput,
} from '@countersign/protocol';
import { asObject } from '../secret/schema-walk.ts';

/** The connector that the server itself has: instructions for agents outside. No worker serves it. */
export const agentConnector = 'agent';
/** Its one action: an instruction is handed over to an agent. */
export const dispatchAction = 'agent.dispatch';

const megabyte = 1_048_576;
/** What an agent may report of one run, in bytes. */
export const outputCapBytes = 16 * megabyte;

const content: Omit<ConnectorManifest, 'hash'> = {
  connector: agentConnector,
  version: '1',
  actions: [
    {
      name: dispatchAction,
      version: 1,
      title: 'Hand an instruction over to an agent',
      description: 'An agent outside claims the instruction, reports on it and says how it ended.',
      effect: 'write',
      risk: 'medium',
      timeoutMs: 86_400_000,
      outputCapBytes,
      idempotency: 'none',
      replay: 'none',
      follows: true,
      inputSchema: {
        type: 'object',
        additionalProperties: false,
        required: ['instruction'],
        properties: {
          instruction: {
            type: 'string',
            minLength: 1,
            maxLength: longestInstruction,
            pattern: '\\S',
            description: 'What the agent is to do, in words. Exactly this is handed over.',
          },
          context: { type: 'object', description: 'What the agent is to know, as data.' },
          agent: {
            type: 'string',
            pattern: '^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$',
            description:
              "Only this agent of yours gets it, or with OWNER/NAME somebody else's; any agent when left out.",
          },
        },
      },
      wording: {
        verbs: ['hand', 'dispatch', 'delegate', 'instruct', 'encarga', 'delega'],
        nouns: ['agent', 'agents', 'agente', 'instruction', 'instruccion', 'over'],
        details: ['agent called {agent}', 'only to {agent}', 'agente llamado {agent}'],
      },
    },
  ],
};

/** The manifest of the built-in connector. */
export function agentManifest(sha256: Sha256): ConnectorManifest {
  return { ...content, hash: digestText(sha256(canonicalBytes(JsonObject.parse(content)))) };
}

/** Whether the server itself plans and hands over what an operation asks. */
export function isDispatch({ target }: Pick<Operation, 'target'>): boolean {
  return target.connector === agentConnector;
}

/** The agent that alone may have an instruction; null for any. */
export function addressee(steps: readonly StepInput[]): string | null {
  const agent = steps[0]?.inputs['agent'];
  return typeof agent === 'string' ? agent : null;
}

/**
 * The queue in which a dispatch waits: its target's for any agent, or that of one agent of one owner, for names are chosen by whoever
 * makes a token. `root` owns an agent that is named without owner. A target's name has no slash, so that no worker can ask for it.
 */
export function dispatchQueue(target: string, agent: string | null, root: string): string {
  if (agent === null) return `${target}/`;
  return `${target}/${agent.includes('/') ? agent : `${root}/${agent}`}`;
}

/** An input as people read it: a secret that was sealed shows as `[secret]`. */
export function shownInput(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  const object = asObject(value);
  if (object !== null && Object.hasOwn(object, '$sealed')) return '[secret]';
  const parts = object?.['$sealed_parts'];
  return Array.isArray(parts) ? parts.map(shownInput).join('') : canonicalJson(value);
}

function asAdded(path: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `--- /dev/null\n+++ ${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
}

/** The plan of a dispatch: exactly what would be handed over, and to whom. There is no target to observe. */
export function planDispatch({ steps, target }: Pick<Operation, 'steps' | 'target'>): PlannedContent {
  const diffs = steps.flatMap(({ inputs }, step) => {
    const { instruction, context } = inputs;
    const to = addressee([{ action: dispatchAction, inputs }]);
    const whom = to === null ? 'any agent' : to.includes('/') ? `agent ${to}` : `agent ${to} of whoever asks`;
    const path = `${target.name}/${to ?? 'any'}`;
    const text = shownInput(instruction);
    const told = { step, path: `${path}/instruction`, summary: `hands this instruction over to ${whom}` };
    const known = { step, path: `${path}/context`, summary: `and this context, ${whom} gets it as data` };
    return [
      { ...told, patch: asAdded(told.path, text) },
      ...(context === undefined ? [] : [{ ...known, patch: asAdded(known.path, canonicalJson(context)) }]),
    ];
  });
  const one = steps.length === 1;
  return {
    identity: `agent:${target.name}`,
    preconditions: [],
    diffs,
    checks: [
      {
        id: 'dispatch.one_instruction',
        status: one ? 'pass' : 'fail',
        severity: 'error',
        message: one
          ? 'one agent gets one instruction'
          : 'an operation hands over one instruction: propose each by itself',
      },
    ],
    rollback: { possible: false, reason: 'what an agent was told cannot be taken back' },
    volatile: [],
  };
}
