import { z } from 'zod';
import { ActionManifest, ConnectorManifest } from '../action/action.ts';
import { ApprovalStatement, Verdict } from '../approval/approval.ts';
import { BreakGlassStatement } from '../approval/break-glass-statement.ts';
import { GroupApprovalStatement } from '../approval/group-statement.ts';
import { AuditBody } from '../audit/audit.ts';
import { auditEvents } from '../audit/audit-events.ts';
import { errorCodes } from '../error/error-codes.ts';
import { ErrorEnvelope } from '../error/refusal.ts';
import {
  BundleApprovals,
  BundleManifest,
  BundleRun,
  BundleStatement,
  BundleValidation,
  DsseEnvelope,
  TrustRoot,
} from '../evidence/evidence.ts';
import { Flags } from '../flag/flag.ts';
import { MetaView } from '../meta/meta.ts';
import {
  ActionAnswer,
  ActionExecuteRequest,
  OperationView,
  ProposeByType,
  ProposeRequest,
} from '../operation/operation.ts';
import { PlanBody } from '../plan/plan.ts';
import { PlanPromptRequest, PlanPromptView } from '../planner/plan-prompt.ts';
import type { RouteDefinition } from '../route/route.ts';
import { routes } from '../route/routes.ts';
import { StreamEvent } from '../run/run.ts';
import { Job } from '../worker/worker-port.ts';
import { openApiDocument } from './openapi.ts';

const schemas: Readonly<Record<string, z.ZodType>> = {
  ActionAnswer,
  ActionExecuteRequest,
  ActionManifest,
  ApprovalStatement,
  AuditBody,
  BreakGlassStatement,
  BundleApprovals,
  BundleManifest,
  BundleRun,
  BundleStatement,
  BundleValidation,
  ConnectorManifest,
  DsseEnvelope,
  ErrorEnvelope,
  Flags,
  GroupApprovalStatement,
  Job,
  MetaView,
  OperationView,
  PlanBody,
  PlanPromptRequest,
  PlanPromptView,
  ProposeByType,
  ProposeRequest,
  StreamEvent,
  TrustRoot,
  Verdict,
};

/** The contract's version: the product's. */
export const contractsVersion = '0.1.0';

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Every file of `contracts/` by its path: OpenAPI, endpoint map, registries and JSON schemas. */
export function generateContracts(): Map<string, string> {
  const table: [string, RouteDefinition][] = Object.entries(routes);
  const endpoints = table.map(
    ([id, { method, path, lane, permission, scope, limit, reach, flag, mirrors, summary }]) => ({
      id,
      method,
      path,
      lane,
      permission,
      scope,
      limit,
      reach,
      ...(flag === undefined ? {} : { flag }),
      ...(mirrors === undefined ? {} : { mirrors }),
      summary,
    }),
  );
  const codes = Object.entries(errorCodes).map(([code, { http, exit, summary }]) => ({ code, http, exit, summary }));
  const events = Object.entries(auditEvents).map(([event, summary]) => ({ event, summary }));
  const files = new Map([
    ['openapi.json', pretty(openApiDocument(contractsVersion))],
    ['endpoints.json', pretty(endpoints)],
    ['error-codes.json', pretty(codes)],
    ['audit-events.json', pretty(events)],
  ]);
  for (const [name, schema] of Object.entries(schemas)) {
    const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' });
    files.set(`schemas/${name}.json`, pretty(json));
  }
  return files;
}
