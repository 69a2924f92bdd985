import { z } from 'zod';
import { AuditEntryView, CheckpointView } from '../audit/audit.ts';
import { ConsistencyProofView, InclusionProofView } from '../audit/proof.ts';
import { EvidenceView, TrustRoot } from '../evidence/evidence.ts';
import { MeasuresQuery, MeasuresView } from '../measure/measure.ts';
import { ReplayRequest, ReplayView } from '../replay/replay.ts';
import { Uuid } from '../scalar/scalar.ts';
import type { RouteDefinition } from './route.ts';

const LeafIndex = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Limit = z.coerce.number().int().min(1).max(500).default(50);

/** Evidence and the audit log. */
export const evidenceRoutes = {
  trust: {
    method: 'GET',
    path: '/v1/trust',
    lane: 'probe',
    permission: 'none',
    summary: 'The trust root: public keys, from which size of the log they count, and how each followed the other.',
    answers: { 200: TrustRoot },
  },
  evidence: {
    method: 'GET',
    path: '/v1/evidence/:bundle_id',
    lane: 'ui',
    permission: 'viewer',
    summary: 'A sealed bundle with every file.',
    params: z.strictObject({ bundle_id: Uuid }),
    answers: { 200: EvidenceView },
  },
  evidenceReplay: {
    method: 'POST',
    path: '/v1/evidence/:bundle_id/replay',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Replays a sealed bundle beside its target, changing nothing, and compares.',
    params: z.strictObject({ bundle_id: Uuid }),
    body: ReplayRequest,
    answers: { 200: ReplayView, 202: ReplayView },
  },
  replayGet: {
    method: 'GET',
    path: '/v1/replays/:replay_id',
    lane: 'ui',
    permission: 'viewer',
    summary: 'One replay with everything it compared.',
    params: z.strictObject({ replay_id: Uuid }),
    answers: { 200: ReplayView },
  },
  measures: {
    method: 'GET',
    path: '/v1/measures',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Success measures over a span of the audit log.',
    query: MeasuresQuery,
    answers: { 200: MeasuresView },
  },
  audit: {
    method: 'GET',
    path: '/v1/audit',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Audit entries by who, what, subject, time and outcome.',
    query: z.strictObject({
      actor: z.string().max(200).optional(),
      event: z.string().max(64).optional(),
      subject: z.string().max(200).optional(),
      outcome: z.enum(['ok', 'refused', 'failed', 'unknown']).optional(),
      from: z.coerce.number().int().optional(),
      until: z.coerce.number().int().optional(),
      after: z.coerce.number().int().min(-1).optional(),
      limit: Limit,
    }),
    answers: { 200: z.strictObject({ entries: z.array(AuditEntryView), tree_size: z.int() }) },
  },
  auditLeaves: {
    method: 'GET',
    path: '/v1/audit/leaves',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Canonical entries in leaf order, for verifying offline.',
    query: z.strictObject({
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(5000).default(1000),
    }),
    answers: {
      200: z.strictObject({
        leaves: z.array(z.strictObject({ leaf_index: z.int(), text: z.string() })),
        tree_size: z.int(),
      }),
    },
  },
  auditExport: {
    method: 'GET',
    path: '/v1/audit/export',
    lane: 'ui',
    permission: 'viewer',
    summary: 'The log as JSON lines in leaf order: each line is exactly the bytes that its leaf hash is made of.',
    query: z.strictObject({ from: LeafIndex.default(0), to: LeafIndex.optional() }),
    answers: { 200: 'text' },
  },
  proofConsistency: {
    method: 'GET',
    path: '/v1/audit/proof/consistency',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Proof that the log of `to` entries only appended to that of `from`.',
    query: z.strictObject({ from: LeafIndex, to: LeafIndex }),
    answers: { 200: ConsistencyProofView },
  },
  proofInclusion: {
    method: 'GET',
    path: '/v1/audit/proof/inclusion',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Proof that an entry is in the log of `size` entries.',
    query: z.strictObject({ leaf: LeafIndex, size: LeafIndex }),
    answers: { 200: InclusionProofView },
  },
  verifier: {
    method: 'GET',
    path: '/verify',
    lane: 'probe',
    permission: 'none',
    summary: 'The verifier as one page: checks bundles in the browser, sends nothing.',
    answers: { 200: 'text' },
  },
  checkpoint: {
    method: 'GET',
    path: '/v1/audit/checkpoint',
    lane: 'ui',
    permission: 'viewer',
    summary: 'The newest signed checkpoint.',
    answers: { 200: CheckpointView },
  },
} as const satisfies Record<string, RouteDefinition>;
