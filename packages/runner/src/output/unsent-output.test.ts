import { CodedError, type OutputRequest, type StreamEvent } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jobOf } from '../fixture/fake-job.ts';
import type { KeptOutput, OutputSpool, Said, Writer } from './output-spool.ts';
import { UnsentOutput } from './unsent-output.ts';

const text = (message: string): StreamEvent => ({ type: 'progress', step: 0, message, fraction: null });

/** A spool that a test can look into; `full` makes it take nothing. */
class SpoolInMemory implements OutputSpool {
  readonly all = new Map<string, { writer: Writer; said: Said[] }>();
  full = false;
  async keep(opId: string, writer: Writer, said: Said): Promise<void> {
    if (this.full) throw new CodedError('E_STORE', 'the disk is full');
    const key = `${opId} ${writer.job_id} ${writer.fence}`;
    const known = this.all.get(key) ?? { writer, said: [] };
    known.said.push(said);
    this.all.set(key, known);
  }
  async kept(opId: string): Promise<KeptOutput[]> {
    return [...this.all]
      .filter(([key]) => key.startsWith(opId))
      .map(([, kept]) => ({ writer: kept.writer, said: [...kept.said] }))
      .sort((a, b) => a.writer.fence - b.writer.fence);
  }
  async drop(opId: string, writer: Writer): Promise<void> {
    this.all.delete(`${opId} ${writer.job_id} ${writer.fence}`);
  }
}

/** A server that stores as the real one does: per writer, each number once. `how` says how the next call goes. */
class Server {
  readonly lines: string[] = [];
  readonly #said = new Map<string, number>();
  calls = 0;
  how: (call: number) => 'heard' | 'lost' | 'answer lost' | 'refused' = () => 'heard';

  readonly appendOutput = async (fence: { job_id: string; fence: number }, request: OutputRequest): Promise<void> => {
    this.calls += 1;
    const how = this.how(this.calls);
    if (how === 'lost') throw new CodedError('E_TARGET_UNREACHABLE', 'no way there');
    if (how === 'refused') throw new CodedError('E_VALIDATION', 'that is not taken');
    const { job_id: jobId, fence: number } = request.of ?? fence;
    const writer = `${jobId} ${number}`;
    const said = this.#said.get(writer) ?? 0;
    const fresh = request.events.slice(Math.max(0, said - request.first + 1));
    for (const event of fresh) this.lines.push(event.type === 'progress' ? event.message : event.type);
    this.#said.set(writer, Math.max(said, request.first + request.events.length - 1));
    if (how === 'answer lost') throw new CodedError('E_TARGET_UNREACHABLE', 'the answer did not come back');
  };
}

function claim(server: Server, spool: OutputSpool, fence: number, lost = new AbortController()) {
  const job = jobOf(1, { fence, lease_ms: 2000 });
  const errors: unknown[] = [];
  const unsent = new UnsentOutput({
    port: server,
    job,
    fence: { job_id: job.job_id, fence, instance: job.job_id },
    spool,
    lost: lost.signal,
    onError: (_what, error) => void errors.push(error),
  });
  return { unsent, lost, errors };
}

it('output that the server does not hear waits in order, nobody is held up, and it is handed in once (DO-1)', async () => {
  const [server, spool] = [new Server(), new SpoolInMemory()];
  const { unsent } = claim(server, spool, 1);
  await unsent.append([text('a'), text('b')]);
  server.how = () => 'lost';
  for (const letter of 'cdefgh') await unsent.append([text(letter)]);
  expect(server.lines).toEqual(['a', 'b']);
  expect(spool.all.size).toBe(1);
  server.how = () => 'heard';
  await unsent.handedIn();
  expect(server.lines).toEqual([...'abcdefgh']);
  expect(spool.all.size).toBe(0);
  await unsent.append([text('i')]);
  expect(server.lines.at(-1)).toBe('i');
});

it('a claim that lost its lease says nothing more; the next one hands in what it kept, before it speaks', async () => {
  const [server, spool] = [new Server(), new SpoolInMemory()];
  const first = claim(server, spool, 1);
  // Heard, but the answer did not come: it is kept too, and known as a repeat.
  server.how = () => 'answer lost';
  await first.unsent.append([text('a')]);
  server.how = () => 'lost';
  await first.unsent.append([text('b')]);
  first.lost.abort();
  const before = server.calls;
  await first.unsent.append([text('c')]);
  expect(server.calls).toBe(before);
  await expect(first.unsent.handedIn()).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE' });

  server.how = () => 'heard';
  const second = claim(server, spool, 2);
  await second.unsent.handInEarlier();
  await second.unsent.append([text('d')]);
  expect(server.lines).toEqual([...'abcd']);
  expect(spool.all.size).toBe(0);
});

it('what the server refuses of an earlier claim is dropped with a word, and the work goes on', async () => {
  const [server, spool] = [new Server(), new SpoolInMemory()];
  const first = claim(server, spool, 1);
  server.how = () => 'lost';
  await first.unsent.append([text('a')]);
  first.lost.abort();
  server.how = () => 'refused';
  const second = claim(server, spool, 2);
  await second.unsent.handInEarlier();
  expect(second.errors).toMatchObject([{ code: 'E_VALIDATION' }]);
  expect(spool.all.size).toBe(0);
  await expect(second.unsent.append([text('b')]), 'what it says itself is no matter of the disk').rejects.toMatchObject(
    {
      code: 'E_VALIDATION',
    },
  );
});

it('a disk that takes nothing makes whoever speaks wait for the server', async () => {
  const [server, spool] = [new Server(), new SpoolInMemory()];
  const { unsent, errors } = claim(server, spool, 1);
  spool.full = true;
  server.how = (call) => (call < 4 ? 'lost' : 'heard');
  await unsent.append([text('a')]);
  await unsent.append([text('b')]);
  expect(server.lines).toEqual(['a', 'b']);
  expect(errors).toMatchObject([{ code: 'E_STORE' }]);
});

it('whatever is lost on the way, over several claims, every line comes once and in its order', async () => {
  const ways = ['heard', 'lost', 'answer lost'] as const;
  let fired = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...ways), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      async (script, perClaim) => {
        const [server, spool] = [new Server(), new SpoolInMemory()];
        server.how = (call) => script[call - 1] ?? 'heard';
        const wanted: string[] = [];
        for (const [index, count] of perClaim.entries()) {
          const { unsent, lost } = claim(server, spool, index + 1);
          await unsent.handInEarlier();
          for (let at = 0; at < count; at += 1) {
            const line = `${index}.${at}`;
            wanted.push(line);
            await unsent.append([text(line)]);
          }
          lost.abort();
        }
        await claim(server, spool, 9).unsent.handInEarlier();
        fired += script.filter((how) => how !== 'heard').length;
        expect(server.lines).toEqual(wanted);
        expect(spool.all.size).toBe(0);
      },
    ),
    { numRuns: 25 },
  );
  expect(fired).toBeGreaterThan(15);
});
