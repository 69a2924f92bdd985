// Belongs to connectors/docker/src/; 3 passed in 0.6 s, seed 20261128. Not landed.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { makeDockerClient } from './client.ts';
import { actions } from './manifest/actions.ts';
import { ContainerReference, ImageReference } from './manifest/inputs.ts';

const seed = 20_261_128;
const pieces = [
  ...[
    '-',
    '--',
    '-f',
    '--privileged',
    '/',
    '..',
    '../',
    './',
    '//',
    '?',
    '#',
    '%2e%2e',
    '%2F',
    '&',
    '=',
    ':',
    '@',
    '\\',
  ],
  ...[
    ' ',
    '\n',
    '\r\n',
    '\0',
    '\t',
    ';',
    '|',
    '$(id)',
    '`id`',
    '$HOME',
    "'",
    '"',
    '*',
    '~',
    '{',
    '}',
    '\u202e',
    'é',
    '🙂',
  ],
  ...['web', 'a', 'A', '0', '_', '.', 'json', 'containers', 'images', 'nginx', '1.27', 'sha256', 'HTTP/1.1', 'Host: x'],
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((all) => all.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

it('10,000 hostile names: what a schema takes begins no option and leaves no path, the rest never goes out', () => {
  const words = fc.sample(hostile, { numRuns: 10_000, seed });
  console.log(`10,000 names, seed ${seed}`);
  const containers = words.filter((word) => ContainerReference.safeParse(word).success);
  const images = words.filter((word) => ImageReference.safeParse(word).success);
  expect(containers.length).toBeGreaterThan(100);
  expect(containers.length).toBeLessThan(5_000);
  for (const word of containers)
    expect(new URL(`http://d/containers/${word}/json`).pathname).toBe(`/containers/${word}/json`);
  for (const word of images) {
    expect(word.startsWith('-')).toBe(false);
    expect(new URL(`http://d/images/${word}/json`).pathname).toBe(`/images/${word}/json`);
  }
});

it('every action that names a container takes it through that one schema', () => {
  const named = actions.filter(({ inputs }) => 'container' in inputs.shape);
  expect(named.length).toBe(actions.length - 1);
  for (const action of named) {
    const shape = action.inputs.shape['container'];
    for (const word of ['../x', '-f', 'a b', 'a/b', 'a?b', 'a#b', '', 'a\n', 'a%2Fb']) {
      expect(shape?.['~standard'].validate(word), `${action.name} ${word}`).toHaveProperty('issues');
    }
  }
});

it('what a schema takes arrives at the daemon as it was said, in one request', async () => {
  const seen: string[] = [];
  const socket = join(tempFolder(), 'd.sock');
  const server = createServer((request, response) => {
    seen.push(String(request.url));
    response.writeHead(404).end('{"message":"No such container: x"}');
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  const client = makeDockerClient({ kind: 'socket', path: socket });
  const words = fc
    .sample(hostile, { numRuns: 2000, seed })
    .filter((word) => ContainerReference.safeParse(word).success)
    .slice(0, 50);
  for (const word of words) await client.inspect(word, AbortSignal.timeout(5000));
  expect(seen).toEqual(words.map((word) => `/containers/${word}/json`));
});
