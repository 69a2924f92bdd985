import { expect, it } from 'vitest';
import { productSources, quotedTexts } from '../fixture/product-sources.ts';
import { AuditBody } from './audit.ts';
import { auditEvents } from './audit-events.ts';

const registry = 'packages/protocol/src/audit/audit-events.ts';
const names = Object.keys(auditEvents);
const families = [...new Set(names.map((name) => name.split('.')[0] ?? ''))];
const used = quotedTexts(productSources(), new RegExp(`^(${families.join('|')})\\.[a-z_]+$`));

const body: AuditBody = {
  schema: 'countersign.audit.v1',
  entry_id: '019ab000-0000-7000-8000-000000000001',
  at: 0,
  event: 'run.queued',
  actor: { principal: 'ada', root: 'ada', ai: false },
  subject: { kind: 'operation', id: 'x' },
  outcome: 'ok',
  correlation_id: 'c',
  detail: {},
};

it('every event is recorded somewhere', () => {
  expect(names.length).toBeGreaterThan(30);
  expect(names.filter((name) => !used.get(name)?.some((path) => path !== registry))).toEqual([]);
});

it('every event that the sources record is registered', () => {
  const recorded = [...productSources()].flatMap(([path, text]) =>
    [...text.matchAll(/\bevent: '([^']+)'/g)].map((match) => ({ path, event: match[1] ?? '' })),
  );
  expect(recorded.length).toBeGreaterThan(20);
  expect(recorded.filter(({ event }) => !names.includes(event))).toEqual([]);
});

it('an entry names a registered event and nothing else', () => {
  for (const event of names) expect(AuditBody.parse({ ...body, event }).event).toBe(event);
  for (const event of ['', 'run.queue', 'toString', 'constructor', 'RUN.QUEUED']) {
    expect(AuditBody.safeParse({ ...body, event }).success).toBe(false);
  }
  expect(AuditBody.safeParse({ ...body, extra: 1 }).success).toBe(false);
});

it('every event has a name of its own and a sentence', () => {
  for (const [name, sentence] of Object.entries(auditEvents)) {
    expect(name).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z_]+$/);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});
