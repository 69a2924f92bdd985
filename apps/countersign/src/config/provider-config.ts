import { Name, ProviderType } from '@countersign/protocol';
import { z } from 'zod';
import { CallableUrl } from './outbound-config.ts';

const Key = z.union([
  z.null(),
  z
    .string()
    .regex(
      /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/,
      `expected the name of an environment variable, as \${NAME}: no key stands here itself`,
    ),
]);

const Price = z.strictObject({
  currency: z.string().min(1).max(8).default('USD'),
  input_per_million: z.number().nonnegative(),
  output_per_million: z.number().nonnegative(),
});

function isOwn(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '[::1]';
}

/** One named provider, in the source's spelling. */
export const ProviderEntry = z
  .strictObject({
    type: ProviderType.exclude(['rules']).meta({
      description: 'How it is spoken to: openai_compat (LM Studio, Ollama, OpenAI), anthropic or gemini.',
    }),
    base_url: CallableUrl.optional().meta({
      description:
        "Where its API is, such as http://localhost:11434/v1; that of the type's own service when left out. That it stands here permits calls to exactly this origin, also inside your own network.",
    }),
    model: z.string().min(1).max(200).meta({ description: 'Which model is asked.' }),
    api_key: Key.optional().meta({
      description: `Environment variable with its key, as \${NAME}; looked up at each call, never kept, never told.`,
    }),
    structured: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether it takes a JSON schema for its answers; what it answers is checked either way.' }),
    price: Price.optional().meta({ description: 'What a million tokens cost, so that each plan says what it cost.' }),
  })
  .superRefine(({ type, base_url, api_key }, context) => {
    if (base_url === undefined || !URL.canParse(base_url)) return;
    const { protocol, hostname, search } = new URL(base_url);
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (search !== '') issue('base_url', 'expected an address without a query');
    if (protocol === 'http:' && typeof api_key === 'string' && !isOwn(hostname))
      issue('base_url', 'expected https: a key goes over plain http to this machine only');
    if (protocol === 'http:' && type !== 'openai_compat' && !isOwn(hostname)) issue('base_url', 'expected https');
  });
export type ProviderEntry = z.output<typeof ProviderEntry>;

const Named = z
  .record(Name, ProviderEntry)
  .refine((named) => !Object.hasOwn(named, 'rules'), { message: 'the name "rules" is the one that is always there' })
  .refine((named) => Object.keys(named).length <= 32, { message: 'expected at most 32 providers' });

/** The source's `provider.json`. */
export const ProviderFile = z.strictObject({ active: Name.optional(), providers: Named });
export type ProviderFile = z.output<typeof ProviderFile>;

/** `providers` of `countersign.yaml`: the sources of models. */
export const ProvidersConfig = z.strictObject({
  active: Name.optional().meta({
    description:
      'Which one new requests ask, until somebody switches; "rules", which needs no model, when left out. Naming another one here is a switch too.',
  }),
  file: z.string().min(1).optional().meta({
    description:
      'A provider.json with `active` and `providers`, beside those that stand here. Edits are taken over while the server runs.',
  }),
  max_tokens_per_minute: z.int().min(100).optional().meta({
    description:
      'Tokens that a project may spend on models in a minute; AI_MAX_TOKENS_PER_MIN, else 8000, when left out.',
  }),
  max_output_tokens: z.int().min(16).optional().meta({
    description: 'Tokens that one answer may have; AI_MAX_OUTPUT_TOKENS, else 800, when left out.',
  }),
  timeout_seconds: z
    .number()
    .positive()
    .max(600)
    .default(30)
    .meta({ description: 'How long a plan, or a draft of at most 30, may wait for a model, all attempts together.' }),
  named: Named.default({}).meta({ description: 'Providers by name.' }),
});
export type ProvidersConfig = z.output<typeof ProvidersConfig>;
