import type { JobPort } from '../worker/patient-port.ts';
import type { JobAudit } from './job-audit.ts';

/**
 * A port that notes in the worker's own audit what goes through it: an intent before the server hears of it, so that one which
 * cannot be noted has no effect; an outcome and the end as the worker tells them, whether or not the server is heard.
 */
export function auditedPort(port: JobPort, audit: JobAudit): JobPort {
  return {
    keepsOutput: port.keepsOutput,
    appendOutput: (fence, events) => port.appendOutput(fence, events),
    recordIntent: async (fence, request) => {
      await audit.intent(request.index);
      const answer = await port.recordIntent(fence, request);
      if (!answer.go) await audit.withheld(request.index, answer.why);
      return answer;
    },
    recordOutcome: async (fence, request) => {
      await audit.outcome(request);
      await port.recordOutcome(fence, request);
    },
    complete: async (fence, request) => {
      await audit.ended(request);
      await port.complete(fence, request);
    },
  };
}
