import type { ApprovedView } from '@countersign/protocol';
import { markedData, markedInstruction } from '../data/marked-data.ts';

/** Whom a dispatch is written for, and what that reader is to hold to beside the instruction. */
export interface Dispatch {
  readonly heading: string;
  readonly rules: readonly string[];
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

function facts({ id, digest, approved_by: by, approved_at: at, target }: ApprovedView): string[] {
  return [
    `Approved id: ${id}`,
    `Plan digest: ${digest}`,
    `Approved by: ${by}, ${new Date(at).toISOString()}`,
    `Target: ${target.name} (${target.project}, ${target.environment}, ${target.tier})`,
  ];
}

function instructionParts({ prompt, context }: ApprovedView, { rules }: Dispatch): string[] {
  return [
    [
      'Do exactly what stands between these marks, and nothing beyond it. It was approved as it stands.',
      ...rules,
      'If it cannot be done as it stands, stop and say why; propose another change with the tool propose.',
    ].join('\n'),
    markedInstruction(prompt),
    ...(isEmpty(context) ? [] : [markedData('context of the instruction', JSON.stringify(context, null, 1))]),
    [
      'Steps:',
      '1. create_run with the approved id and an idempotency key of your own, unless it was started for you.',
      '2. claim_dispatch; what it hands over is the same instruction. If nothing is handed over, somebody else has it: stop.',
      '3. Do it. heartbeat_dispatch while you work, report_dispatch with what you did.',
      '4. finish_dispatch with how it ended.',
    ].join('\n'),
  ];
}

function stepsParts({ prompt }: ApprovedView): string[] {
  return [
    'These are typed steps. The server runs them itself, exactly as they were approved: do none of them by other means.',
    markedData('the approved steps', prompt),
    'Start them with create_run, with the approved id and an idempotency key of your own, and follow with get_run_status.',
  ];
}

/** The text of a dispatch prompt. Only what was approved stands in it. */
export function dispatchText(approved: ApprovedView, dispatch: Dispatch): string {
  const parts = approved.kind === 'instruction' ? instructionParts(approved, dispatch) : stepsParts(approved);
  return [dispatch.heading, facts(approved).join('\n'), ...parts].join('\n\n');
}
