import { z } from 'zod';
import { HealthView } from '../health/health.ts';
import type { RouteDefinition } from './route.ts';

/** Probes, health, metrics and the description of the API. */
export const probeRoutes = {
  livez: {
    method: 'GET',
    path: '/livez',
    lane: 'probe',
    permission: 'none',
    summary: 'The process answers.',
    answers: { 200: z.strictObject({ status: z.literal('ok') }) },
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    lane: 'probe',
    permission: 'none',
    summary: 'The database takes writes, migrations are done, the audit log works.',
    answers: { 200: z.strictObject({ status: z.literal('ok') }) },
  },
  version: {
    method: 'GET',
    path: '/version',
    lane: 'probe',
    permission: 'none',
    summary: 'The version of the server.',
    answers: { 200: z.strictObject({ version: z.string() }) },
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    lane: 'probe',
    permission: 'viewer',
    summary: 'Prometheus metrics.',
    answers: { 200: 'text' },
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    lane: 'probe',
    permission: 'none',
    summary: 'The OpenAPI 3.1 document.',
    answers: { 200: z.looseObject({}) },
  },
  health: {
    method: 'GET',
    path: '/v1/health',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Readiness of database, audit, each connector and worker.',
    answers: { 200: HealthView },
  },
} as const satisfies Record<string, RouteDefinition>;
