import { localExec } from '@countersign/connector-kit';
import { contextOf } from '@countersign/connector-kit/conformance';
import { JsonObject } from '@countersign/protocol';
import {
  dockerSocket,
  dockerTlsSettings,
  makeCertificateAuthority,
  makeTempFolder,
  type Sshd,
  startSshd,
  waitUntil,
} from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { dockerConnector } from '../index.ts';
import { restartOf, stepOf } from './connection.ts';
import { runContainer, untilStopped } from './containers.ts';

const folder = makeTempFolder('/tmp');
afterAll(() => folder.remove());

function connect(config: unknown) {
  const connection = dockerConnector.connect(config, { exec: localExec, now: Date.now });
  onTestFinished(() => connection.close());
  return connection;
}

const ready = async (config: unknown) => await connect(config).readiness(AbortSignal.timeout(10_000));

/** Lists, follows a log to its end, and restarts a container: one of each kind of call. */
async function useDaemon(config: unknown): Promise<void> {
  await using container = await runContainer(untilStopped);
  const connection = connect(config);
  const { summary } = await connection.read(stepOf('docker.list', { name: container.name }), contextOf());
  expect(summary).toMatchObject({ count: 1 });
  const context = contextOf();
  await connection.read(stepOf('docker.logs', { container: container.name }), context);
  expect(context.text()).toBe('started\n');
  const step = restartOf(container.name);
  const { guard } = await connection.observe([step], context);
  const before = await connection.before(step, guard, context);
  const applied = await connection.apply(step, before, guard, context);
  await connection.verify(step, before, applied, context);
  expect(await container.starts()).toBe(2);
}

describe('a daemon over SSH', () => {
  let sshd: Sshd;
  let ssh: Record<string, unknown>;
  beforeAll(async () => {
    sshd = await startSshd(folder.path);
    ssh = {
      ...{ host: '127.0.0.1', port: sshd.port, user: 'root', socket: dockerSocket() },
      ...{ identity_file: sshd.identityFile, known_hosts_file: sshd.knownHostsFile },
    };
  });
  afterAll(async () => await sshd[Symbol.asyncDispose]());

  it('answers as the one behind the socket does', async () => {
    await useDaemon({ ssh });
  });

  it('is not reached by whom the host does not let in, nor at another socket, and says why', async () => {
    expect(await ready({ ssh })).toMatchObject({ status: 'ready' });
    const other = await ready({ ssh: { ...ssh, user: 'nobody' } });
    expect(other).toMatchObject({
      status: 'unavailable',
      message: expect.stringContaining('does not accept this key'),
    });
    const nowhere = await ready({ ssh: { ...ssh, socket: '/nowhere.sock' } });
    expect(nowhere).toMatchObject({ status: 'unavailable', message: expect.stringContaining('/nowhere.sock') });
  });

  it('a followed log ends when it is cancelled, and the host has no stream left', async () => {
    await using container = await runContainer(untilStopped);
    const abort = new AbortController();
    const context = contextOf({ signal: abort.signal });
    const following = connect({ ssh }).read(
      stepOf('docker.logs', { container: container.name, follow: true }),
      context,
    );
    await waitUntil('the first line is there', () => context.text() === 'started\n');
    abort.abort();
    expect((await following).summary).toMatchObject({ ended: 'cancelled', lines: 1 });
  });

  it('a host that goes away in the middle of a restart leaves its effect open; the next call has a new connection', async () => {
    await using container = await runContainer('trap "" TERM; while :; do sleep 0.05; done');
    const connection = connect({ ssh });
    const step = restartOf(container.name);
    const context = contextOf();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    const applying = connection.apply(step, before, guard, context);
    applying.catch(() => undefined);
    setTimeout(() => sshd.cut(), 500);
    await expect(applying).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE', effect: 'maybe' });
    const intent = { before, guard, recordedAt: Date.now() };
    const answer = async () => (await connection.reconcile(step, intent, context)).answer;
    await expect.poll(answer, { timeout: 20_000 }).toBe('applied');
    expect(await container.starts()).toBe(2);
  });
});

describe('a daemon over TCP with mutual TLS', () => {
  it('answers whoever proves who they are, and nobody else', async () => {
    const tls = JsonObject.parse(dockerTlsSettings());
    await useDaemon({ tls });
    const stranger = makeCertificateAuthority(folder.path, 'stranger').issue('worker');
    const refused = connect({ tls: { ...tls, cert_file: stranger.certFile, key_file: stranger.keyFile } });
    await expect(refused.read(stepOf('docker.list', {}), contextOf())).rejects.toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'none',
      message: expect.stringContaining('tls.cert_file'),
    });
    const plan = connect({ tls: { ...tls, ca_file: stranger.certFile } }).plan([restartOf('web')], contextOf());
    await expect(plan).rejects.toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'none',
      message: expect.stringContaining('tls.ca_file'),
    });
  });
});
