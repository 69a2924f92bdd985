import { type ActionManifest, Effect, Risk, type TargetView, Tier } from '@countersign/protocol';
import { z } from 'zod';
import { dataFrom, defineTool } from './tool.ts';

const mostActions = 20;

const Found = z.strictObject({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  effect: Effect,
  risk: Risk,
  input_schema: z.record(z.string(), z.unknown()),
  targets: z.array(z.strictObject({ name: z.string(), project: z.string(), environment: z.string(), tier: Tier })),
});

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** How well an action fits: a word of the name counts most, then the title, then the description; 0 where a word is nowhere. */
function weigh({ name, title, description }: ActionManifest, wanted: readonly string[]): number {
  const places = [
    { weight: 4, text: name.toLowerCase() },
    { weight: 2, text: title.toLowerCase() },
    { weight: 1, text: description.toLowerCase() },
  ];
  let sum = 0;
  for (const word of wanted) {
    const weight = places.reduce((found, place) => (place.text.includes(word) ? found + place.weight : found), 0);
    if (weight === 0) return 0;
    sum += weight;
  }
  return sum;
}

function found(action: ActionManifest, targets: readonly TargetView[]): z.input<typeof Found> {
  const { name, title, description, effect, risk, inputSchema } = action;
  const connector = name.split('.')[0];
  const where = targets.filter((target) => target.connector === connector);
  return {
    name,
    title,
    description,
    effect,
    risk,
    input_schema: inputSchema,
    targets: where.map(({ name: target, project, environment, tier }) => ({
      name: target,
      project,
      environment,
      tier,
    })),
  };
}

/** `search_actions`: what can be proposed, and where. */
export const searchActions = defineTool({
  name: 'search_actions',
  title: 'Find actions',
  description:
    'Finds typed actions by words of their name, title and description, with the JSON Schema of their inputs and the targets that you may see. An empty query lists all.',
  input: z.strictObject({
    query: z.string().max(400).default('').describe('Words, all of which must occur.'),
    limit: z.int().min(1).max(mostActions).default(10),
  }),
  output: z.strictObject({ actions: z.array(Found), total: z.int() }),
  annotations: { readOnlyHint: true },
  async run({ query, limit }, { client }) {
    const [{ actions }, { targets }] = await Promise.all([client.call('actions'), client.call('targets')]);
    const wanted = words(query);
    const fitting = actions
      .map((action) => ({ action, weight: wanted.length === 0 ? 1 : weigh(action, wanted) }))
      .filter(({ weight }) => weight > 0)
      .sort((one, other) => other.weight - one.weight || one.action.name.localeCompare(other.action.name, 'en'));
    const content = {
      actions: fitting.slice(0, limit).map(({ action }) => found(action, targets)),
      total: fitting.length,
    };
    return dataFrom('actions as their connectors describe them', content);
  },
});
