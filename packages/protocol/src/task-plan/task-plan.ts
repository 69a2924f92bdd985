import { z } from 'zod';
import { EpochMs, JsonObject } from '../scalar/scalar.ts';

/** One task: a line, or an object of its own making. */
const Task = z.union([z.string().min(1).max(4000), JsonObject]);

/** The installation's task list (OR-1 calls it "plan"). Nothing of it runs. */
export const TaskPlanRequest = z.strictObject({
  /** Stays when left out; a new one for another list. */
  id: z.string().min(1).max(128).optional(),
  title: z.string().min(1).max(400),
  tasks: z.array(Task).max(1000),
  status: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'use a word in lower case')
    .default('active'),
  /** The revision that was read; refused where somebody else was faster. */
  revision: z.int().nonnegative().optional(),
});
export type TaskPlanRequest = z.infer<typeof TaskPlanRequest>;

export const TaskPlanView = z.strictObject({
  id: z.string(),
  title: z.string(),
  tasks: z.array(z.union([z.string(), JsonObject])),
  status: z.string(),
  revision: z.int().positive(),
  updated_by: z.string(),
  updated_at: EpochMs,
});
export type TaskPlanView = z.infer<typeof TaskPlanView>;
