import type { Job, Unit } from '@countersign/kernel';
import { CodedError, type Fence } from '@countersign/protocol';

/** The job behind a fence, locked until the unit ends. Throws E_LEASE_LOST when the lease ran out or the job was given away. */
export async function heldJob(unit: Unit, fence: Fence): Promise<Job> {
  const job = await unit.jobs.held({ jobId: fence.job_id, fence: fence.fence, instance: fence.instance });
  if (job === null) {
    throw new CodedError('E_LEASE_LOST', 'this job is no longer yours', {
      job_id: fence.job_id,
      next: 'stop at once; another worker goes on',
    });
  }
  return job;
}
