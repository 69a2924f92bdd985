import { flagNames, type RouteDefinition, routes } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { refuseIdleFlags } from './register-routes.ts';

it('a flag that guards no route stops the boot; every flag there is guards some', () => {
  const table: RouteDefinition[] = Object.values(routes);
  expect(() => refuseIdleFlags(flagNames, table)).not.toThrow();
  expect(() => refuseIdleFlags([...flagNames, 'voice'], table)).toThrow('flag voice guards no route');
  expect(() =>
    refuseIdleFlags(
      flagNames,
      table.filter(({ lane }) => lane !== 'public'),
    ),
  ).toThrow('public_api');
});
