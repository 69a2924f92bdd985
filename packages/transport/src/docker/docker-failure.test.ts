import { expect, it } from 'vitest';
import { DockerFailure, isCertificateRefusal, safeDaemonMessage, unreachableDaemon } from './docker-failure.ts';

it('masks assignments and credentials in messages of the daemon', () => {
  const message = 'exec failed: env DB_PASSWORD=hunter2 TOKEN="a b c" from https://me:pw@host/x';
  expect(safeDaemonMessage(message)).toBe('exec failed: env DB_PASSWORD=*** TOKEN=*** from https://***@host/x');
  expect(safeDaemonMessage('x'.repeat(1000))).toHaveLength(600);
  expect(new DockerFailure(500, '{"message":"KEY=secret"}').message).toBe('HTTP 500: KEY=***');
  expect(new DockerFailure(502, '<html>secret</html>').daemonMessage).toBe('');
});

it.each([
  ['ENOENT', 'no such socket'],
  ['ECONNREFUSED', 'nothing listens'],
  ['EACCES', 'permission denied'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.ca_file'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls.server_name'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tls.cert_file'],
  ['EWHAT', 'the connection broke'],
])('%s says why there was no connection, and that nothing happened', (code, why) => {
  const error = unreachableDaemon('/d.sock', Object.assign(new Error('x'), { code }));
  expect(error).toMatchObject({ code: 'E_TARGET_UNREACHABLE', effect: 'none', detail: { code } });
  expect(error.message).toContain(why);
});

it('knows a certificate that was turned down from a connection that broke', () => {
  expect(isCertificateRefusal('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE')).toBe(true);
  expect([isCertificateRefusal('ECONNRESET'), isCertificateRefusal('ERR_SSL_WRONG_VERSION_NUMBER')]).toEqual([
    false,
    false,
  ]);
});
