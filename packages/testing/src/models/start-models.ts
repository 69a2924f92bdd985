import { type Fixture, LLMock } from '@copilotkit/aimock';

/** One message as a model got it, in whatever wire format it came. */
interface SeenMessage {
  readonly role: string;
  readonly text: string;
}

/** What a scripted model answers: a text with what it counts, or an error with its status. */
export type Scripted =
  | { readonly text: string; readonly tokensIn?: number; readonly tokensOut?: number }
  | { readonly status: number; readonly message?: string; readonly code?: string; readonly retryAfterSeconds?: number };

/** How an answer goes wrong on its way. */
export type Mishap = Pick<Fixture, 'latency' | 'truncateAfterChunks' | 'disconnectAfterMs' | 'chunkSize'>;

/** A server that speaks the wire formats of OpenAI, Anthropic and Gemini and answers by a script. */
export interface ScriptedModels {
  /** Without a path: `/v1` of OpenAI and Anthropic and `/v1beta` of Gemini are below it. */
  readonly url: string;
  /** Answers every request by `script`, which gets the messages and how many requests came before. */
  answer(script: (messages: readonly SeenMessage[], earlier: number) => Scripted, mishap?: Mishap): void;
  /** Requests so far, with path, headers and body, oldest first. */
  requests(): readonly {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  }[];
  stop(): Promise<void>;
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: unknown) => (part !== null && typeof part === 'object' && 'text' in part ? String(part.text) : ''))
    .join('');
}

function responseOf(scripted: Scripted) {
  if ('status' in scripted) {
    const { status, message = 'scripted', code = 'scripted', retryAfterSeconds } = scripted;
    return {
      status,
      error: { message, type: 'scripted', code },
      ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }),
    };
  }
  const { text, tokensIn = 0, tokensOut = 0 } = scripted;
  return {
    content: text,
    usage: {
      prompt_tokens: tokensIn,
      completion_tokens: tokensOut,
      input_tokens: tokensIn,
      output_tokens: tokensOut,
      promptTokenCount: tokensIn,
      candidatesTokenCount: tokensOut,
    },
  };
}

/** Starts one on a port of its own, on loopback. */
export async function startModels(): Promise<ScriptedModels> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent' });
  const url = await mock.start();
  let earlier = 0;
  return {
    url: url.replace(/\/+$/, ''),
    answer(script, mishap = {}) {
      mock.clearFixtures();
      mock.addFixture({
        match: { predicate: () => true },
        response: ({ messages }) => {
          const seen = messages.map(({ role, content }) => ({ role, text: textOf(content) }));
          const response = responseOf(script(seen, earlier));
          earlier += 1;
          return response;
        },
        ...mishap,
      });
    },
    requests: () => mock.getRequests().map(({ path, headers, body }) => ({ path, headers, body })),
    stop: () => mock.stop(),
  };
}
