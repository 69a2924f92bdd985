import type { VerifyFinding, VerifyReport } from '@countersign/protocol';
import { visible } from '../render/visible.ts';
import { type FindingId, findingIds } from './finding-ids.ts';

type VerifyState = VerifyFinding['state'];

/** Severity of states, least first: a report is as good as its worst finding. */
const worseLast: readonly VerifyState[] = ['pass', 'unknown', 'fail', 'error'];

/** Collects findings in the order they are made. Details are shown through `visible`. */
export interface FindingList {
  /** Adds a finding about a file. */
  add(id: FindingId, state: VerifyState, file: string, detail: string): void;
  /** Adds one finding: `pass` when there are no problems, else one `fail` for each. */
  judge(id: FindingId, file: string, problems: readonly string[]): void;
  /** All findings and the worst state among them; a report without findings is an `error`. */
  report(): VerifyReport;
}

/** An empty list of findings. */
export function findingList(): FindingList {
  const findings: VerifyFinding[] = [];
  const add: FindingList['add'] = (id, state, file, detail) => {
    findings.push({ id, state, summary: findingIds[id], detail: visible(detail), file: visible(file) });
  };
  return {
    add,
    judge: (id, file, problems) => {
      if (problems.length === 0) add(id, 'pass', file, '');
      for (const problem of problems) add(id, 'fail', file, problem);
    },
    report: () => {
      const worst = findings.reduce((rank, { state }) => Math.max(rank, worseLast.indexOf(state)), -1);
      return { state: worseLast[worst] ?? 'error', findings };
    },
  };
}
