import { z } from 'zod';
import { ErrorEnvelope } from '../error/refusal.ts';
import type { RouteDefinition } from '../route/route.ts';
import { routes } from '../route/routes.ts';
import { JsonObject } from '../scalar/scalar.ts';

type Answer = RouteDefinition['answers'][number];

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    reused: 'inline',
  });
  return JsonObject.parse(JSON.parse(JSON.stringify(rest)));
}

function contentOf(answer: Answer): JsonObject {
  if (answer === 'empty') return {};
  if (answer === 'sse') return { content: { 'text/event-stream': { schema: { type: 'string' } } } };
  if (answer === 'text') return { content: { 'text/plain': { schema: { type: 'string' } } } };
  if (answer === 'bytes')
    return { content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } } };
  return { content: { 'application/json': { schema: schemaOf(answer, 'output') } } };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): JsonObject[] {
  if (schema === undefined) return [];
  const { properties, required } = z
    .looseObject({
      properties: z.record(z.string(), JsonObject).default({}),
      required: z.array(z.string()).default([]),
    })
    .parse(schemaOf(schema, 'input'));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function operationOf(id: string, route: RouteDefinition): JsonObject {
  const answers = Object.entries(route.answers).map(([status, answer]) => [
    status,
    { description: 'Success.', ...contentOf(answer) },
  ]);
  return {
    operationId: id,
    summary: route.summary,
    tags: [route.lane],
    'x-lane': route.lane,
    'x-permission': route.permission,
    'x-scope': route.scope,
    'x-limit': route.limit,
    'x-reach': route.reach,
    ...(route.flag === undefined ? {} : { 'x-flag': route.flag }),
    security: route.permission === 'none' ? [] : [{ bearer: [] }],
    parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
        }),
    responses: {
      ...Object.fromEntries(answers),
      default: {
        description: 'The one error envelope.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } },
      },
    },
  };
}

/** The OpenAPI 3.1 document, written from the route table alone. */
export function openApiDocument(version: string): JsonObject {
  const paths: Record<string, JsonObject> = {};
  const table: [string, RouteDefinition][] = Object.entries(routes);
  for (const [id, route] of table) {
    const path = route.path.replaceAll(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(id, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Countersign', version, description: 'Propose, see, approve, run, prove.' },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { ErrorEnvelope: schemaOf(ErrorEnvelope, 'output') },
    },
  };
}
