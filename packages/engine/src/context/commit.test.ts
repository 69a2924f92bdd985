import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commitNames } from './commit.ts';

const source = join(import.meta.dirname, '..');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('fixture'),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]));

it('every unit of the engine is committed under a name, so that a kill at each of them can be tested', () => {
  expect(files.length).toBeGreaterThan(50);
  const writers = [...texts].filter(([, text]) => /\bstore\s*\.write\(/.test(text)).map(([file]) => file);
  expect(writers, 'use commit(context, name, unit)').toEqual([join('context', 'commit.ts')]);
});

it('every name is used', () => {
  const all = [...texts.values()].join('\n');
  const [byKind = ''] = /const commitOf = .*/.exec(all) ?? [];
  const used = (name: string): boolean =>
    new RegExp(`commit(?:Whole)?\\(\\s*context,\\s*'${name}'`).test(all) || byKind.includes(`'${name}'`);
  // That a database belongs to its keys is committed by whoever opens both.
  expect(commitNames.filter((name) => !used(name))).toEqual(['installation']);
});
