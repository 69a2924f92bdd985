import type { ActionAnswer, ActionManifest, OperationView } from '@countersign/protocol';

/** The answer of the typed action lane. */
export function viewAction(requestId: string, view: OperationView, action: ActionManifest | undefined): ActionAnswer {
  const { run } = view;
  const duration = run?.started_at == null || run.ended_at === null ? null : run.ended_at - run.started_at;
  return {
    request_id: requestId,
    op_id: view.op_id,
    run_id: run?.run_id ?? null,
    status: view.status,
    display: view.display,
    summary: run?.summary ?? null,
    artifacts: run?.artifacts ?? [],
    truncated: run?.artifacts.some((artifact) => artifact.truncated) ?? false,
    timeout_ms: action?.timeoutMs ?? 0,
    output_cap_bytes: action?.outputCapBytes ?? 0,
    duration_ms: duration,
    verdict: view.verdict,
    diffs: view.diffs,
    checks: view.checks,
    digest: view.plan?.digest ?? null,
    failure: run?.failure ?? view.plan?.error ?? null,
    next: view.next,
  };
}
