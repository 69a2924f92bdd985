import { DockerFailure } from '@countersign/transport';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { callError, isUnknownContainer } from './errors.ts';

const call = { what: 'restart the container', where: '/run/x.sock', effect: 'maybe' } as const;
const systemError = (code: string) => Object.assign(new Error(code), { code });

it('takes only a missing container for one: a missing network leaves a stopped container', () => {
  expect(isUnknownContainer(new DockerFailure(404, '{"message":"No such container: web"}'))).toBe(true);
  expect(isUnknownContainer(new DockerFailure(404, '{"message":"network 0a1b not found"}'))).toBe(false);
});

it.each([
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'none'],
  ['ECONNRESET', 'maybe'],
  ['EPIPE', 'maybe'],
])('%s is unreachable with effect %s', (code, effect) => {
  expect(callError(systemError(code), call)).toMatchObject({ code: 'E_TARGET_UNREACHABLE', effect });
});

it('keeps the effect of a refused restart open and shows no page of a proxy', () => {
  expect(callError(new DockerFailure(502, '<html>secret</html>'), call)).toMatchObject({
    code: 'E_TARGET_REFUSED',
    effect: 'maybe',
    detail: { http_status: 502, daemon_message: '' },
  });
  expect(callError(new DockerFailure(409, '{"message":"is restarting"}'), call).message).toContain('conflict');
});

it('names the field of an answer that is not the API', () => {
  const { error } = z.object({ State: z.object({ Pid: z.int() }) }).safeParse({ State: {} });
  expect(callError(error, call)).toMatchObject({ code: 'E_TARGET_UNREACHABLE', detail: { field: 'State.Pid' } });
});
