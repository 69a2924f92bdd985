import { ConnectorError, fingerprint } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { z } from 'zod';
import { plainObject } from '../plain-object.ts';
import type { ApiObject } from '../resource/answers.ts';
import { placeOf, type Subject, titleOf } from './subject.ts';

/** By this annotation an object says which step changed it last: what was written can be found again by it. */
export const stepAnnotation = 'countersign/step';

/** Annotations by which controllers keep their own notes; they come and go without anybody's change. */
const controllerNotes = /^(?:deployment\.kubernetes\.io|autoscaling\.alpha\.kubernetes\.io)\//;

/** Whether an annotation is a controller's own note. */
export function isControllerNote(name: string): boolean {
  return controllerNotes.test(name);
}

/** What must not have moved between the observation and the write; null for what was not there. */
const GuardEntry = z.strictObject({ place: z.string(), uid: z.string().nullable(), content: z.string().nullable() });
/** One entry for each different object of the list, and one for each revision that is gone back to. */
export const Guard = z.strictObject({ objects: z.array(GuardEntry) });
export type Guard = z.infer<typeof Guard>;

/**
 * Fingerprint of all that people and programs say an object should be. Its status and the notes of its controllers are not in
 * it: they move with every pod, and the API's resourceVersion with them.
 */
export function contentOf(object: ApiObject): string {
  const { metadata, status: _status, ...rest } = object;
  const { labels, annotations, ownerReferences, finalizers = [] } = metadata;
  const told = Object.entries(annotations).filter(([name]) => !isControllerNote(name));
  const meant = { labels, annotations: Object.fromEntries(told), ownerReferences, finalizers };
  return fingerprint(plainObject({ ...rest, metadata: meant }));
}

/** The guard's entry for an object as it is now. */
export function guardEntry(subject: Subject, object: ApiObject | undefined): z.infer<typeof GuardEntry> {
  const place = placeOf(subject);
  if (object === undefined) return { place, uid: null, content: null };
  return { place, uid: object.metadata.uid, content: contentOf(object) };
}

/** The guard for the following step: this object as it is now, the others as they were. */
export function guardAfter(guard: Json, subject: Subject, object: ApiObject): Guard {
  const entry = guardEntry(subject, object);
  return { objects: [...Guard.parse(guard).objects.filter(({ place }) => place !== entry.place), entry] };
}

/** What an object was when it was observed. Throws E_PLAN_STALE, effect none, where it was not. */
export function guardOf(guard: Json, place: string, title: string): z.infer<typeof GuardEntry> {
  const entry = Guard.parse(guard).objects.find((each) => each.place === place);
  if (entry === undefined) throw staleObject(title, 'was not there when it was observed', 'object');
  return entry;
}

export function staleObject(title: string, how: string, moved: string): ConnectorError {
  return new ConnectorError('E_PLAN_STALE', `${title} ${how}`, {
    effect: 'none',
    detail: { object: title, moved, next: 'plan again from the present state' },
  });
}

/** Throws E_PLAN_STALE (effect none) unless the object is the one observed, as it was. */
export function requireUnmoved(subject: Subject, object: ApiObject | undefined, guard: Json): void {
  const title = titleOf(subject);
  const { uid, content } = guardOf(guard, placeOf(subject), title);
  if (object === undefined) {
    if (uid === null) return;
    throw staleObject(title, 'is gone since it was observed', 'object');
  }
  if (uid === null) throw staleObject(title, 'was made by somebody else since it was observed', 'object');
  if (object.metadata.uid !== uid) throw staleObject(title, 'was replaced by another one', 'uid');
  if (contentOf(object) !== content) throw staleObject(title, 'was changed since it was observed', 'content');
}
