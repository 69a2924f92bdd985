import { EventList, Name } from '@countersign/protocol';
import { z } from 'zod';
import { oneSecret, signatureSecret, uniqueNames } from './entry-rules.ts';
import { CallableUrl } from './outbound-config.ts';

/** What people want to hear of: what waits for them, and what became of it. */
const forPeople = [
  'approval.*',
  'break_glass.*',
  'operation.denied',
  'operation.withdrawn',
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.outcome_unknown',
];

const WebhookEntry = z
  .strictObject({
    name: Name.meta({ description: 'Unique name; how far it is goes by it.' }),
    url: CallableUrl.meta({ description: 'Address that gets a POST for each event; redirects are not followed.' }),
    events: z
      .array(EventList)
      .min(1)
      .default(forPeople)
      .meta({ description: 'Audit events it is told of: run.failed, a family such as run.*, or *.' }),
    most_attempts: z
      .int()
      .min(1)
      .max(20)
      .default(10)
      .meta({ description: 'Attempts at one event, ever further apart, before it is a dead letter.' }),
    ...signatureSecret,
  })
  .refine(...oneSecret);

/** `webhooks` of `countersign.yaml`. */
export const WebhookEntries = z
  .array(WebhookEntry)
  .max(16)
  .default([])
  .superRefine(uniqueNames)
  .meta({ description: 'Places that are told of audit events as CloudEvents: chat, ticket and alerting systems.' });
