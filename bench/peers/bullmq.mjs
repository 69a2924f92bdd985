import { Queue, Worker } from 'bullmq';
import { answerRates } from './answer-rates.mjs';

const [, , port] = process.argv;
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
const worker = new Worker('bench', async (job) => job.data.value, {
  connection,
  concurrency: 32,
  removeOnComplete: { count: 0 },
});
const waiting = new Map();
worker.on('completed', (job) => {
  waiting.get(job.id)?.();
  waiting.delete(job.id);
});
await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);

let next = 0;
answerRates(
  async () => {
    const jobId = `job-${next++}`;
    const done = new Promise((resolve) => {
      waiting.set(jobId, resolve);
    });
    await queue.add('work', { value: 'done' }, { jobId });
    await done;
  },
  async () => {
    await worker.close();
    await queue.close();
  },
);
