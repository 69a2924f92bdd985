import type { RouteId, routes } from '@countersign/protocol';
import type { z } from 'zod';
import type { Answer, Call } from '../http/handler.ts';

type Parsed<Route, Part extends 'params' | 'query' | 'body'> = Route extends { readonly [key in Part]: infer Schema }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : Record<string, never>
  : Record<string, never>;

type Table = typeof routes;
type Own = { [Id in RouteId]: Table[Id] extends { readonly mirrors: string } ? never : Id }[RouteId];

/** One handler per route of the table, with the types of its schemas. What mirrors another route has that one's handler. */
export type Handlers = {
  readonly [Id in Own]: (
    call: Call<Parsed<Table[Id], 'params'>, Parsed<Table[Id], 'query'>, Parsed<Table[Id], 'body'>>,
  ) => Promise<Answer>;
};
