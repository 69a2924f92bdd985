import { localExec } from '@countersign/connector-kit';
import { contextOf } from '@countersign/connector-kit/conformance';
import { readJson } from '@countersign/protocol';
import { z } from 'zod';
import { serviceConnector } from '../index.ts';
import { stepOf } from './connection.ts';

/** A worker that is killed: applies the step that its argument tells, and says when it has begun and when it is over. */
const Task = z.strictObject({ config: z.unknown(), service: z.string(), before: z.json(), guard: z.json() });
const task = Task.parse(readJson(process.argv[2] ?? ''));
const connection = serviceConnector.connect(task.config, { exec: localExec, now: Date.now });
const context = { ...contextOf(), progress: () => void process.stdout.write('begun\n') };
const step = stepOf('service.restart', { service: task.service });
await connection.apply(step, task.before, task.guard, context);
process.stdout.write('over\n');
