import type { JsonObject } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { deploymentSubject } from '../change/subject.ts';
import { inverseApply } from './inverse.ts';
import { parseManifest } from './manifest.ts';
import { extractFields, unionOf } from './owned-fields.ts';
import { commonPart, meantObject, withoutGuesses } from './shown-object.ts';

describe('a manifest', () => {
  it('is taken without what only the cluster writes', () => {
    const text =
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, uid: u, resourceVersion: "5", labels: {a: b}}\nspec: {}\nstatus: {replicas: 1}\n';
    expect(parseManifest(text)).toEqual({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: undefined },
      object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels: { a: 'b' } }, spec: {} },
    });
  });

  it('may be JSON, and no text that unfolds without end', () => {
    expect(parseManifest('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}')).toMatchObject({ kind: 'Pod' });
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...[...'bcdefgh'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`),
    ];
    expect(parseManifest(`${bomb.join('\n')}\n`)).toContain('too many aliases');
  });

  it.each([
    ['', 'is empty'],
    ['# nothing\n', 'is empty'],
    ['apiVersion: v1\nkind: pod\nmetadata: {name: a}\n', 'kind'],
    ['apiVersion: ../v1\nkind: Pod\nmetadata: {name: a}\n', 'apiVersion'],
    ['apiVersion: v1\nkind: Pod\nmetadata: {name: a/b}\n', 'metadata.name'],
  ])('%j is refused', (text, why) => {
    expect(parseManifest(text)).toEqual(expect.stringContaining(why));
  });
});

describe('the fields that are ours', () => {
  const live = {
    spec: {
      replicas: 2,
      list: [
        { name: 'a', image: '1', port: 5 },
        { name: 'b', image: '2' },
      ],
      marks: ['x', 'y'],
      whole: { deep: [1, 2] },
    },
  };
  const fields = {
    'f:spec': {
      'f:replicas': {},
      'f:gone': {},
      'f:list': {
        'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} },
        'k:{"name":"c"}': { '.': {}, 'f:name': {} },
      },
      'f:marks': { 'v:"y"': {}, 'v:"z"': {} },
      'f:whole': {},
    },
  };

  it('are taken out of an object, items of lists by their keys', () => {
    expect(extractFields(live, fields)).toEqual({
      spec: { replicas: 2, list: [{ name: 'a', image: '1' }], marks: ['y'], whole: { deep: [1, 2] } },
    });
  });

  it('of two applies are those of either', () => {
    expect(unionOf({ 'f:a': { 'f:b': {} } }, { 'f:a': { 'f:c': {} }, 'f:d': {} })).toEqual({
      'f:a': { 'f:b': {}, 'f:c': {} },
      'f:d': {},
    });
  });

  it('make the way back; what is made anew has none', () => {
    const subject = deploymentSubject('shop', 'web');
    const managed = (owned: JsonObject): JsonObject => ({
      metadata: { name: 'web', managedFields: [{ manager: 'countersign', operation: 'Apply', fieldsV1: owned }] },
    });
    const result = { ...managed(fields), spec: { replicas: 9 } };
    const inverse = inverseApply(subject, { ...managed({ 'f:spec': { 'f:replicas': {} } }), ...live }, result);
    expect(inverse).toMatchObject({
      action: 'k8s.apply',
      inputs: { namespace: 'shop', manifest: expect.stringContaining('  replicas: 2\n') },
    });
    expect(inverseApply(subject, undefined, result)).toEqual({ reason: expect.stringContaining('must be deleted') });
  });
});

describe('what is shown of an object to be made', () => {
  it('leaves out what the cluster made up otherwise the second time', () => {
    const made = (ip: string) => ({ spec: { ip, name: 'a', ports: [{ port: 1, at: ip }] } });
    expect(commonPart(made('1'), made('2'))).toEqual({ spec: { name: 'a', ports: [{ port: 1 }] } });
  });

  it('leaves out ports of nodes that the manifest leaves open', () => {
    const service = (ports: object[]) => JSON.parse(JSON.stringify({ kind: 'Service', spec: { ports } }));
    const result = service([
      { port: 1, nodePort: 30_001 },
      { port: 2, nodePort: 30_002 },
    ]);
    expect(withoutGuesses(result, service([{ port: 1 }, { port: 2, nodePort: 30_002 }]))).toEqual(
      service([{ port: 1 }, { port: 2, nodePort: 30_002 }]),
    );
  });

  it('is without status and notes', () => {
    const annotations = { 'countersign/step': 'k', 'deployment.kubernetes.io/revision': '1', note: 'x' };
    const metadata = { name: 'a', uid: 'u', generation: 1, annotations };
    expect(meantObject({ metadata, status: { a: 1 }, spec: {} })).toEqual({
      metadata: { name: 'a', annotations: { note: 'x' } },
      spec: {},
    });
  });
});
