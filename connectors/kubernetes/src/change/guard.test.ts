import { describe, expect, it } from 'vitest';
import { ApiObject } from '../resource/answers.ts';
import { contentOf, guardAfter, guardEntry, requireUnmoved, stepAnnotation } from './guard.ts';
import { objectAnswer } from './reconcile-object.ts';
import { deploymentSubject } from './subject.ts';

const subject = deploymentSubject('shop', 'web');
const object = (changes: object = {}, metadata: object = {}): ApiObject =>
  ApiObject.parse({
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '5', generation: 3, ...metadata },
    spec: { replicas: 1 },
    ...changes,
  });

describe('what an object is meant to be', () => {
  it.each([
    ['its status', object({ status: { replicas: 4 } })],
    ['its resourceVersion', object({}, { resourceVersion: '6' })],
    ['notes of its controllers', object({}, { annotations: { 'deployment.kubernetes.io/revision': '2' } })],
    ['who manages which field', object({}, { managedFields: [{ manager: 'x' }] })],
  ])('is not moved by %s', (_what, moved) => {
    expect(contentOf(moved)).toBe(contentOf(object()));
  });

  it.each([
    ['its specification', object({ spec: { replicas: 2 } })],
    ['a label', object({}, { labels: { tier: 'gold' } })],
    ['an annotation', object({}, { annotations: { note: 'x' } })],
    ['a finalizer', object({}, { finalizers: ['x'] })],
    ['data', object({ data: { a: '1' } })],
  ])('is moved by %s', (_what, moved) => {
    expect(contentOf(moved)).not.toBe(contentOf(object()));
  });
});

describe('the guard', () => {
  const guard = { objects: [guardEntry(subject, object())] };
  it.each([
    ['is gone', undefined, 'object'],
    ['was replaced by another one', object({}, { uid: 'u2' }), 'uid'],
    ['was changed', object({ spec: { replicas: 2 } }), 'content'],
  ])('refuses what %s', (how, now, moved) => {
    expect(() => requireUnmoved(subject, now, guard)).toThrow(
      expect.objectContaining({
        code: 'E_PLAN_STALE',
        effect: 'none',
        message: expect.stringContaining(`deployment web in shop ${how}`),
        detail: expect.objectContaining({ moved }),
      }),
    );
  });

  it('lets pass what only its status moved, and what was not there and is not', () => {
    expect(() => requireUnmoved(subject, object({ status: {} }, { resourceVersion: '9' }), guard)).not.toThrow();
    expect(() => requireUnmoved(subject, undefined, { objects: [guardEntry(subject, undefined)] })).not.toThrow();
  });

  it('refuses what was made in between, and an object that was not observed', () => {
    expect(() => requireUnmoved(subject, object(), { objects: [guardEntry(subject, undefined)] })).toThrow(
      /made by somebody else/,
    );
    expect(() => requireUnmoved(subject, object(), { objects: [] })).toThrow(/was not there/);
  });

  it('follows the object that was written and no other', () => {
    const other = deploymentSubject('shop', 'db');
    const both = { objects: [guardEntry(subject, object()), guardEntry(other, object())] };
    const after = guardAfter(both, subject, object({ spec: { replicas: 2 } }));
    expect(() => requireUnmoved(subject, object({ spec: { replicas: 2 } }), after)).not.toThrow();
    expect(() => requireUnmoved(other, object(), after)).not.toThrow();
    expect(() => requireUnmoved(subject, object(), after)).toThrow(/was changed/);
  });
});

describe('an intent without outcome', () => {
  const guard = { objects: [guardEntry(subject, object())] };
  const answer = (now: ApiObject | undefined, ageMs = 60_000, observed = guard) =>
    objectAnswer(subject, now, { guard: observed, key: 'k:0', generation: 3, ageMs });
  const changedBy = (key: string, generation: number) =>
    object({ spec: { replicas: 2 } }, { generation, annotations: { [stepAnnotation]: key } });
  const absent = { objects: [guardEntry(subject, undefined)] };

  it.each([
    ['its own change', changedBy('k:0', 4), 60_000, 'applied'],
    ['its own change, whatever came later', changedBy('k:0', 9), 60_000, 'applied'],
    ['nothing', object(), 60_000, 'not_applied'],
    ['nothing, while it may be under way', object(), 11_999, 'indeterminate'],
    ['one change by another step', changedBy('k:1', 4), 60_000, 'not_applied'],
    ['two changes by others', changedBy('k:1', 5), 60_000, 'indeterminate'],
    ['another object of the name', object({}, { uid: 'u2' }), 60_000, 'indeterminate'],
    ['no object', undefined, 60_000, 'indeterminate'],
  ])('finds %s', (_what, now, ageMs, expected) => {
    expect(answer(now, ageMs)).toBe(expected);
  });

  it('of what was not there: not had while there is nothing, after a while', () => {
    expect(answer(undefined, 60_000, absent)).toBe('not_applied');
    expect(answer(undefined, 1000, absent)).toBe('indeterminate');
    expect(answer(changedBy('k:0', 1), 60_000, absent)).toBe('applied');
    expect(answer(changedBy('k:1', 1), 60_000, absent)).toBe('indeterminate');
  });

  it('of a kind without generations cannot be told after a change by others', () => {
    const config = (data: object, key: string) =>
      object({ data }, { generation: undefined, annotations: { [stepAnnotation]: key } });
    const observed = { objects: [guardEntry(subject, config({}, 'k:9'))] };
    expect(answer(config({ a: '1' }, 'k:1'), 60_000, observed)).toBe('indeterminate');
    expect(answer(config({}, 'k:9'), 60_000, observed)).toBe('not_applied');
  });
});
