import type { ChatRequest } from '@countersign/kernel';

const utf8 = new TextEncoder();
/** One for three bytes is more than tokenizers make of words, code or JSON. */
const firstGuess = 1 / 3;
/** No tokenizer makes more of a byte than one token; a provider that counts more adds something of its own. */
const most = 1;
/** Of less, what a provider adds by itself is more than what was sent. */
const tellingBytes = 2000;
/** What each message is wrapped in. */
const perMessage = 8;

function bytesOf({ messages, schema }: ChatRequest): number {
  const sent = messages.map(({ content }) => content).join('\n') + (schema === null ? '' : JSON.stringify(schema));
  return utf8.encode(sent).length;
}

/**
 * How many tokens a request may use at most: those of what is sent, by the most that this provider was ever seen to make of a
 * byte, and all that may come back.
 */
export class TokenEstimates {
  readonly #perByte = new Map<string, number>();

  most(provider: string, request: ChatRequest): number {
    const perByte = this.#perByte.get(provider) ?? firstGuess;
    return Math.ceil(bytesOf(request) * perByte) + perMessage * request.messages.length + request.maxOutputTokens;
  }

  /** What a provider counted for a request; one that counts more than was thought is thought of so from then on. */
  learn(provider: string, request: ChatRequest, tokensIn: number): void {
    const bytes = bytesOf(request);
    if (bytes < tellingBytes) return;
    const seen = Math.min(most, (tokensIn - perMessage * request.messages.length) / bytes);
    this.#perByte.set(provider, Math.max(seen, this.#perByte.get(provider) ?? firstGuess));
  }
}
