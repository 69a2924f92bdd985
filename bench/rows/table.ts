import type { Row } from '../harness/row.ts';
import { approveToEvent } from './approve-to-event.ts';
import { cliVersion } from './cli-version.ts';
import { embeddedQueue } from './embedded-queue.ts';
import { governedWrite } from './governed-write.ts';
import { groupCommit } from './group-commit.ts';
import { http } from './http.ts';
import { pipeline } from './pipeline.ts';
import { planner } from './planner.ts';
import { policy } from './policy.ts';
import { serverStart } from './server-start.ts';
import { sse1000, sse5000 } from './sse.ts';
import { verify } from './verify-bundle.ts';

/** Every row of the table, in the order in which they run. */
export const rows: readonly Row[] = [
  governedWrite,
  groupCommit,
  embeddedQueue,
  pipeline,
  approveToEvent,
  http,
  policy,
  planner,
  verify,
  cliVersion,
  serverStart,
  sse1000,
  sse5000,
];
