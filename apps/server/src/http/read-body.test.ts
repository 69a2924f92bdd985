import fastify from 'fastify';
import { expect, it } from 'vitest';
import { registerBodyReader } from './read-body.ts';

const app = fastify();
registerBodyReader(app);
app.post('/echo', (request) => Object.entries(Object(request.body)));

async function post(payload: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await app.inject({ method: 'POST', url: '/echo', headers, payload });
  return { status: answer.statusCode, body: answer.json() };
}

it('takes a member name as it was sent, whatever others sent before', async () => {
  expect((await post('{"a":1,"\\\\":2}')).body).toEqual([
    ['a', 1],
    ['\\', 2],
  ]);
  expect((await post('{"a":1,"\\"":2}')).body).toEqual([
    ['a', 1],
    ['"', 2],
  ]);
});

it('refuses what is no JSON, what would change a prototype, and a member that stands twice', async () => {
  for (const payload of ['{', '{"__proto__":{"a":1}}', '{"\\u005f_proto__":1}', '{"\\u0061":1,"a":2}'])
    expect((await post(payload)).status, payload).not.toBe(200);
});
