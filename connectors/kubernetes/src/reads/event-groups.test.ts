import { expect, it } from 'vitest';
import { ApiEvent, ApiObject } from '../resource/answers.ts';
import { eventLine, groupEvents, lastSeen } from './event-groups.ts';
import { overviewOf } from './overview.ts';

const event = (changes: object) =>
  ApiEvent.parse({
    metadata: { name: 'e', creationTimestamp: '2026-01-01T00:00:00Z' },
    involvedObject: { kind: 'Pod', name: 'web-1' },
    ...{ type: 'Normal', reason: 'Started', message: 'Started container\n main' },
    ...changes,
  });

it('takes times and counts wherever the API keeps them', () => {
  const series = { count: 7, lastObservedTime: '2026-01-03T00:00:00.000000Z' };
  expect(lastSeen(event({ series, lastTimestamp: '2026-01-02T00:00:00Z' }))).toBe('2026-01-03T00:00:00.000000Z');
  expect(lastSeen(event({ lastTimestamp: '2026-01-02T00:00:00Z' }))).toBe('2026-01-02T00:00:00Z');
  expect(lastSeen(event({ lastTimestamp: null, eventTime: '2026-01-02T00:00:00Z' }))).toBe('2026-01-02T00:00:00Z');
  expect(eventLine(event({ series }))).toBe(
    '2026-01-03T00:00:00.000000Z Normal Started pod/web-1: Started container main (7 times)',
  );
  expect(eventLine(event({}))).toBe('2026-01-01T00:00:00Z Normal Started pod/web-1: Started container main');
});

it('groups by type, reason and kind, warnings first, then by count', () => {
  const events = [
    event({ count: 3 }),
    event({ involvedObject: { kind: 'Pod', name: 'web-2' } }),
    event({ type: 'Warning', reason: 'BackOff', message: 'last' }),
    event({ reason: 'Pulled', count: 9 }),
  ];
  expect(groupEvents(events)).toMatchObject([
    { type: 'Warning', reason: 'BackOff', count: 1, objects: 1, message: 'last' },
    { reason: 'Pulled', count: 9 },
    { reason: 'Started', kind: 'Pod', count: 4, objects: 2 },
  ]);
});

it.each([
  ['Running', { phase: 'Running', containerStatuses: [{ name: 'a', ready: true, state: { running: {} } }] }],
  [
    'CrashLoopBackOff',
    { phase: 'Running', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
  ],
  [
    'Pending',
    { phase: 'Pending', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'PodInitializing' } } }] },
  ],
  [
    'Error',
    { phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 1, reason: 'Error' } } }] },
  ],
  ['ExitCode:2', { phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 2 } } }] }],
  ['Succeeded', { phase: 'Succeeded', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 0 } } }] }],
  ['Evicted', { phase: 'Failed', reason: 'Evicted' }],
])('a pod is shown as %s', (shown, status) => {
  const pod = ApiObject.parse({ metadata: { name: 'p' }, spec: { containers: [{ name: 'a' }] }, status });
  expect(overviewOf('pod', pod)).toMatchObject({ status: shown });
  const leaving = ApiObject.parse({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: 'now' } });
  expect(overviewOf('pod', leaving)).toMatchObject({ status: 'Terminating' });
});
