import type { TargetRef, TargetSelector } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { resolveTarget } from './resolve-target.ts';

const target = (name: string, project: string, environment: string, connector = 'repo'): TargetRef => ({
  ...{ name, project, environment, connector, tier: 'dev' },
});
const targets = [
  target('shop-dev', 'shop', 'dev'),
  target('shop-prod', 'shop', 'prod'),
  target('blog-dev', 'blog', 'dev'),
  target('shop-docker', 'shop', 'dev', 'docker'),
];

const table: readonly [string, TargetSelector, string, string, object][] = [
  ['by name', { target: 'shop-prod' }, 'repo', 'shop-prod', {}],
  ['by name and place', { target: 'shop-dev', project: 'shop', environment: 'dev' }, 'repo', 'shop-dev', {}],
  ['by place', { project: 'shop', environment: 'dev' }, 'repo', 'shop-dev', {}],
  ['by place, of the connector', { project: 'shop', environment: 'dev' }, 'docker', 'shop-docker', {}],
  ['the only one of a connector', {}, 'docker', 'shop-docker', {}],
  ['the only one of an environment', { environment: 'prod' }, 'repo', 'shop-prod', {}],
  [
    'a name mistyped',
    { target: 'shop-prd' },
    'repo',
    'E_TARGET_UNKNOWN',
    { field: 'target', did_you_mean: expect.arrayContaining(['shop-prod']) },
  ],
  ['a name elsewhere', { target: 'shop-prod', environment: 'dev' }, 'repo', 'E_TARGET_UNKNOWN', { field: 'target' }],
  ['a name of another connector', { target: 'shop-docker' }, 'repo', 'E_VALIDATION', { field: 'target' }],
  ['several in a project', { project: 'shop' }, 'repo', 'E_TARGET_AMBIGUOUS', { field: 'environment' }],
  ['several in an environment', { environment: 'dev' }, 'repo', 'E_TARGET_AMBIGUOUS', { field: 'target' }],
  ['several at all', {}, 'repo', 'E_TARGET_AMBIGUOUS', { field: 'environment' }],
  ['none there', { environment: 'stage' }, 'repo', 'E_TARGET_UNKNOWN', { field: 'environment' }],
  ['none of the connector', {}, 'kubernetes', 'E_TARGET_UNKNOWN', { field: 'target', choices: [] }],
];

it.each(table)('%s', (_what, selector, connector, wanted, detail) => {
  const outcome = resolveTarget(targets, selector, connector);
  if (outcome.ok) expect(outcome.value.name).toBe(wanted);
  else expect(outcome).toMatchObject({ code: wanted, detail: { ...detail, next: expect.any(String) } });
  expect(outcome.ok).toBe(!wanted.startsWith('E_'));
});

it('answers the one that fits or refuses; it never guesses, and its choices all fit', () => {
  const some = (values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const selectors = fc.record({
    target: some(['shop-dev', 'blog-dev', 'x']),
    project: some(['shop', 'blog', 'x']),
    environment: some(['dev', 'prod', 'x']),
  });
  fc.assert(
    fc.property(
      selectors,
      fc.constantFrom('repo', 'docker', 'x'),
      ({ target: name, project, environment }, connector) => {
        const fits = (known: TargetRef) =>
          known.connector === connector &&
          (name ?? known.name) === known.name &&
          (project ?? known.project) === known.project &&
          (environment ?? known.environment) === known.environment;
        const selector = {
          ...(name === undefined ? {} : { target: name }),
          ...(project === undefined ? {} : { project }),
          ...(environment === undefined ? {} : { environment }),
        };
        const outcome = resolveTarget(targets, selector, connector);
        const fitting = targets.filter(fits);
        expect(outcome.ok).toBe(fitting.length === 1);
        if (outcome.ok) expect(outcome.value).toEqual(fitting[0]);
        else if (outcome.code === 'E_TARGET_AMBIGUOUS') expect(outcome.detail['choices']).toHaveLength(fitting.length);
      },
    ),
  );
});
