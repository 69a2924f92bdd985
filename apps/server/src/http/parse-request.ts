import { CodedError, type JsonObject } from '@countersign/protocol';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

function pointer(place: string, path: readonly PropertyKey[]): string {
  return `${place === 'body' ? '' : place}/${path.map(String).join('/')}`;
}

/** Of a union's branches, the one that came closest tells what is wrong. */
function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(flatten));
  const closest = branches.reduce((best, branch) => (branch.length < best.length ? branch : best));
  return closest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function problemsOf(place: string, issue: Issue): JsonObject[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: pointer(place, [...issue.path, key]),
      problem: 'is not a field of this request',
    }));
  }
  return [{ field: pointer(place, issue.path), problem: issue.message }];
}

/** Parses what came from outside; throws E_VALIDATION that names every field. */
export function parseFrom<T>(place: 'body' | 'query' | 'params' | 'header', schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(flatten).flatMap((issue) => problemsOf(place, issue));
  const first = problems[0];
  throw new CodedError('E_VALIDATION', `${first?.['field'] ?? place}: ${first?.['problem'] ?? 'is not valid'}`, {
    field: first?.['field'] ?? place,
    problems: problems.slice(0, 20),
    next: 'see /openapi.json, or /reference in a browser, for the shape of this request',
  });
}
