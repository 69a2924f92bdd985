import { ConnectorError } from '@countersign/connector-kit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callError, httpFailureOf } from './call-error.ts';
import { HttpFailure, safeMessage } from './failure.ts';

const call = { what: 'patch deployment web', effect: 'maybe' } as const;
const status = (code: number, message = 'said') =>
  callError(new HttpFailure(code, JSON.stringify({ kind: 'Status', reason: 'R', message })), call, 'the API');

describe('an answer that is no success', () => {
  it.each([
    [400, 'E_TARGET_REFUSED', 'none', 'the cluster refused to patch deployment web'],
    [401, 'E_TARGET_REFUSED', 'none', 'the cluster does not accept the credentials'],
    [403, 'E_TARGET_REFUSED', 'none', 'the account of the target may not patch deployment web'],
    [404, 'E_TARGET_MISSING', 'none', 'the cluster has nothing to patch deployment web'],
    [409, 'E_TARGET_REFUSED', 'none', 'the cluster refused to patch deployment web because of a conflict'],
    [422, 'E_TARGET_REFUSED', 'none', 'the cluster refused to patch deployment web'],
    [500, 'E_TARGET_REFUSED', 'maybe', 'the cluster refused to patch deployment web'],
    [504, 'E_TARGET_REFUSED', 'maybe', 'the cluster refused to patch deployment web'],
  ])('%i is %s with effect %s', (code, expected, effect, message) => {
    expect(status(code)).toMatchObject({
      code: expected,
      effect,
      message,
      detail: { http_status: code, reason: 'R', server_message: 'said' },
    });
    expect(httpFailureOf(status(code))?.status).toBe(code);
  });

  it('shows nothing of a page by a proxy, and no secrets of a message', () => {
    expect(callError(new HttpFailure(502, '<html>hunter2</html>'), call, 'the API').detail).toMatchObject({
      server_message: '',
    });
    expect(status(400, 'no TOKEN=hunter2 at https://bob:hunter2@host; Bearer hunter2').detail).toMatchObject({
      server_message: 'no TOKEN=*** at https://***@host; Bearer ***',
    });
    expect(safeMessage('x'.repeat(5000))).toHaveLength(600);
  });
});

describe('no answer', () => {
  it.each([
    ['ECONNREFUSED', 'none', 'nothing listens there'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'none', 'self-signed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'none', 'for another name'],
    ['ECONNRESET', 'maybe', 'the connection broke'],
  ])('%s leaves effect %s', (code, effect, why) => {
    const error = callError(Object.assign(new Error('x'), { code }), call, 'the API');
    expect(error).toMatchObject({ code: 'E_TARGET_UNREACHABLE', effect, message: expect.stringContaining(why) });
    expect(httpFailureOf(error)).toBeUndefined();
  });

  it('says that an answer is not the API’s, and keeps an error that says enough', () => {
    const odd = z.object({ a: z.string() }).safeParse({}).error;
    expect(callError(odd, call, 'the API')).toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'maybe',
      detail: { field: 'a' },
    });
    const known = new ConnectorError('E_CANCELLED', 'x', { effect: 'none' });
    expect(callError(known, call, 'the API')).toBe(known);
  });
});
