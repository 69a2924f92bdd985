import type { OperationView, Principal } from '@countersign/protocol';
import { actionButton, actionForm } from './act.ts';
import { call } from './api.ts';
import { element, factList, field, paragraph, section } from './element.ts';
import { diffsOf, stepsOf } from './plan-parts.ts';
import { Refused } from './refused.ts';
import { moment, shownLine } from './shown-text.ts';
import { ensureStepUp } from './step-up.ts';
import { riskBadge } from './waiting-view.ts';
import { asksOf, mayAt } from './waits-for.ts';

/** What is decided, and what is done after. */
interface Deciding {
  readonly operation: OperationView;
  readonly me: Principal;
  readonly changed: () => Promise<void>;
}

function digestOf({ plan }: OperationView): string {
  if (plan === null || plan.digest === null) throw new Refused('page.no_plan', 'there is no plan to decide on yet');
  return plan.digest;
}

/** What was fresh when the page was drawn may be so no more: it is asked again. */
async function proveWhereWanted(operation: OperationView): Promise<void> {
  if (operation.step_up !== 'none') await ensureStepUp();
}

const spoken = (comment: string): { comment?: string } => (comment === '' ? {} : { comment });

/** Shows what the server asks to be confirmed, as it says it now, with the button that spends its one-time token. */
async function askToConfirm({ operation, changed }: Deciding): Promise<void> {
  const params = { op_id: operation.op_id };
  const asked = await call('opsConfirmation', { params, body: {} });
  const dialog = element('dialog', { 'aria-labelledby': 'confirm-title', class: 'wide' });
  const { target } = asked;
  const cancel = element('button', { type: 'button' }, 'Not now');
  cancel.addEventListener('click', () => dialog.close());
  dialog.append(
    element('h2', { id: 'confirm-title', tabindex: '-1', autofocus: '' }, 'Confirm exactly this'),
    factList([
      ['Risk', riskBadge(asked.risk), ` ${asked.effect}`],
      ['Target', ...shownLine(`${target.name} in ${target.project} / ${target.environment}, tier ${target.tier}`)],
      ['Which is', element('code', {}, ...shownLine(target.identity))],
      ['Digest', element('code', {}, asked.digest)],
      ['Good until', moment(asked.expires_at)],
    ]),
    stepsOf(asked.steps),
    diffsOf(asked.diffs),
    element(
      'div',
      { class: 'buttons' },
      actionButton('Confirm', 'main', async () => {
        await call('opsConfirm', { params, body: { digest: asked.digest, confirmation: asked.confirmation } });
        dialog.close();
        await changed();
      }),
      cancel,
    ),
  );
  dialog.addEventListener('close', () => dialog.remove(), { once: true });
  document.body.append(dialog);
  dialog.showModal();
}

/** What somebody proposed themselves they approve with a one-time token of the plan as the server says it now. */
async function approvalOf({ operation, me }: Deciding): Promise<{ digest: string; confirmation?: string }> {
  const digest = digestOf(operation);
  if (operation.requester.root !== me.root) return { digest };
  const { confirmation } = await call('opsConfirmation', { params: { op_id: operation.op_id }, body: {} });
  return { digest, confirmation };
}

function approveForm(deciding: Deciding): HTMLElement {
  const { operation, changed } = deciding;
  const comment = field('Comment (kept with your signature)', { name: 'comment', maxlength: '2000' });
  return actionForm('Approve exactly this', 'main', [comment.row], async () => {
    await proveWhereWanted(operation);
    const body = { ...(await approvalOf(deciding)), ...spoken(comment.input.value) };
    await call('opsApprove', { params: { op_id: operation.op_id }, body });
    await changed();
  });
}

function rejectForm({ operation, changed }: Deciding): HTMLElement {
  const reason = field('Why it must not be done', { name: 'reason', maxlength: '2000', required: '' });
  const form = actionForm('Reject', 'danger', [reason.row], async () => {
    const digest = operation.plan?.digest ?? null;
    const body = { reason: reason.input.value, ...(digest !== null && { digest }) };
    await call('opsReject', { params: { op_id: operation.op_id }, body });
    await changed();
  });
  return element('details', {}, element('summary', {}, 'Reject it'), form);
}

/** What whoever looks can do now; null where that is nothing. */
export function decidePart(deciding: Deciding): HTMLElement | null {
  const { operation, me, changed } = deciding;
  const asks = asksOf(operation, me);
  const parts: HTMLElement[] = [];
  if (operation.step_up === 'needed' && (asks.includes('confirm') || asks.includes('approve')))
    parts.push(
      paragraph('Your decision counts only with a fresh proof that it is you. You are asked for it when you decide.'),
    );
  if (asks.includes('confirm')) {
    parts.push(
      paragraph('You asked for this. Look at what it would do, then confirm it.'),
      actionButton('Confirm…', 'main', async () => {
        await proveWhereWanted(operation);
        await askToConfirm(deciding);
      }),
    );
  }
  if (asks.includes('approve')) {
    parts.push(
      paragraph('Your signature goes under the digest above: exactly this plan and no other.'),
      approveForm(deciding),
    );
  }
  if (asks.includes('start')) {
    parts.push(
      actionButton('Start it', 'main', async () => {
        await call('opsExecute', { body: { op_id: operation.op_id, digest: digestOf(operation) } });
        await changed();
      }),
    );
  }
  const isOpen = operation.state === 'planned' && operation.run === null;
  if (isOpen && operation.requester.root !== me.root && mayAt(me, 'approver', operation))
    parts.push(rejectForm(deciding));
  if (parts.length === 0) return null;
  const part = section('Your part', ...parts);
  part.id = 'your-part';
  return part;
}
