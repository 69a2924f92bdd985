import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { checksumOf, groups, readCorpus } from '../../bench/planner/corpus.ts';
import { actions, inventory } from '../../bench/planner/inventory.ts';

const corpus = readCorpus();
const frozen = corpus.filter((prompt) => prompt.frozen);

it('freezes a third of the prompts, chosen by the hash of each, under a checksum', () => {
  const committed: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../bench/planner/frozen.json'), 'utf8'),
  );
  expect(checksumOf(frozen)).toEqual(committed);
  expect(frozen.length / corpus.length).toBeGreaterThan(0.25);
  expect(frozen.length / corpus.length).toBeLessThan(0.42);
});

it('has at least 330 prompts, each once, at least 150 about changes, every group in both parts', () => {
  expect(new Set(corpus.map(({ prompt }) => prompt)).size).toBe(corpus.length);
  expect(corpus.length).toBeGreaterThanOrEqual(330);
  expect(corpus.filter(({ change }) => change).length).toBeGreaterThanOrEqual(150);
  for (const group of groups) {
    expect(
      corpus.some((prompt) => prompt.group === group && prompt.frozen),
      group,
    ).toBe(true);
    expect(
      corpus.some((prompt) => prompt.group === group && !prompt.frozen),
      group,
    ).toBe(true);
  }
});

it('expects what exists: every action of both connectors, on a target that has it, with inputs of its schema', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const validators = new Map(actions.map(({ action }) => [action.name, ajv.compile(action.inputSchema)]));
  const named = new Set<string>();
  for (const { expected, line } of corpus) {
    for (const { action, target, inputs } of expected.kind === 'plan' ? expected.steps : []) {
      named.add(action);
      const known = actions.find((one) => one.action.name === action);
      expect(
        known?.targets.map(({ name }) => name),
        line,
      ).toContain(target);
      expect(validators.get(action)?.(inputs), line).toBe(true);
      const { container } = inputs;
      if (container !== undefined) {
        const there = inventory.filter((item) => item.target === target);
        expect(
          there.flatMap(({ name, aliases }) => [name, ...aliases]),
          line,
        ).toContain(container);
      }
    }
  }
  expect([...named].sort()).toEqual(actions.map(({ action }) => action.name).sort());
});
