import type { OperationView, Principal } from '@countersign/protocol';
import { call } from './api.ts';
import { element, paragraph, section } from './element.ts';
import { moment, shownLine } from './shown-text.ts';
import { type Ask, asksOf } from './waits-for.ts';
import { statusKind, statusSentence, titleOf } from './words.ts';

const askWords: Readonly<Record<Ask, string>> = {
  confirm: 'Confirm it',
  approve: 'Review and decide',
  start: 'Start it',
};
const mostShown = 100;
const recentShown = 20;

/** The badge of a risk; the word says it, the colour only helps. */
export function riskBadge(risk: OperationView['risk']): HTMLElement {
  return element('span', { class: `badge risk-${risk}` }, `${risk} risk`);
}

function card(operation: OperationView, asks: readonly Ask[], heading: 'h2' | 'h3'): HTMLElement {
  const { target, requester } = operation;
  const [ask] = asks;
  return element(
    'li',
    { class: 'card' },
    element(heading, {}, element('a', { href: `/ops/${operation.op_id}` }, ...shownLine(titleOf(operation)))),
    element(
      'p',
      {},
      riskBadge(operation.risk),
      ' ',
      element(
        'span',
        { class: `badge ${statusKind(operation.display)}` },
        ask === undefined ? statusSentence(operation.display) : askWords[ask],
      ),
    ),
    element(
      'p',
      { class: 'small' },
      ...shownLine(
        `${target.project} / ${target.environment} · asked for by ${requester.name}${requester.ai ? ' (AI)' : ''} · `,
      ),
      moment(operation.created_at),
    ),
  );
}

function cards(operations: readonly OperationView[], me: Principal, heading: 'h2' | 'h3'): HTMLElement {
  const items = operations.map((operation) => card(operation, asksOf(operation, me), heading));
  return element('ul', { class: 'cards' }, ...items);
}

/** Shows what waits for whoever signed in, and what happened last. */
export async function showWaiting(main: HTMLElement, me: Principal): Promise<void> {
  const [planned, recent] = await Promise.all([
    call('opsList', { query: { state: 'planned', limit: mostShown } }),
    call('opsList', { query: { limit: recentShown } }),
  ]);
  const asked = planned.operations.filter((operation) => asksOf(operation, me).length > 0);
  const known = new Set(asked.map(({ op_id: id }) => id));
  const others = recent.operations.filter(({ op_id: id }) => !known.has(id));
  main.replaceChildren(
    element('h1', {}, 'What waits for you'),
    asked.length === 0 ? paragraph('Nothing. You are told here when something needs you.') : cards(asked, me, 'h2'),
    section('Lately', others.length === 0 ? paragraph('Nothing yet.') : cards(others, me, 'h3')),
  );
}
