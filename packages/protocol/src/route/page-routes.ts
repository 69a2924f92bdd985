import { z } from 'zod';
import { ContentReport } from '../page/content-report.ts';
import { OperationRef } from '../scalar/scalar.ts';
import type { RouteDefinition } from './route.ts';

const PageFileName = z
  .string()
  .max(64)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*\.(?:js|ts|css)$/, 'expected the name of a file of the page');
const open = { lane: 'probe', permission: 'none', scope: null, limit: 'probe', reach: 'none' } as const;

/** The sign-in and approval page. Its addresses all answer the same document; what is shown comes from the API. */
export const pageRoutes = {
  page: {
    method: 'GET',
    path: '/',
    ...open,
    summary: 'The sign-in and approval page: what waits for whoever signed in.',
    answers: { 200: 'text' },
  },
  pageSignIn: {
    method: 'GET',
    path: '/sign-in',
    ...open,
    summary: 'The page where people sign in and redeem invites.',
    answers: { 200: 'text' },
  },
  pageAccount: {
    method: 'GET',
    path: '/account',
    ...open,
    summary: 'The page of the own sessions, passkeys and authenticator.',
    answers: { 200: 'text' },
  },
  pageOperation: {
    method: 'GET',
    path: '/ops/:op_id',
    ...open,
    summary: 'The page of one operation: the link that notifications carry.',
    params: z.strictObject({ op_id: OperationRef }),
    answers: { 200: 'text' },
  },
  pageFile: {
    method: 'GET',
    path: '/page/:file',
    ...open,
    summary: 'A script or style of the page.',
    params: z.strictObject({ file: PageFileName }),
    answers: { 200: 'text' },
  },
  pageReport: {
    method: 'POST',
    path: '/page/reports',
    ...open,
    summary: "Takes a browser's report of what the page's content policy refused.",
    body: ContentReport,
    answers: { 204: 'empty' },
  },
} as const satisfies Record<string, RouteDefinition>;
