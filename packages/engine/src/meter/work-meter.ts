import type { Operation, Unit } from '@countersign/kernel';
import type { EngineContext } from '../context/context.ts';
import type { WorkFact, WorkLabels } from './work-fact.ts';

/** Tells what this process did to everyone who counts; each server of a process counts for itself. */
export class WorkMeter {
  readonly #observers = new Set<(fact: WorkFact) => void>();

  observe(observer: (fact: WorkFact) => void): void {
    this.#observers.add(observer);
  }

  tell(fact: WorkFact): void {
    for (const observer of this.#observers) observer(fact);
  }
}

/** Tells a fact once the unit that makes it true is durable. */
export function tellAfter(context: Pick<EngineContext, 'workMeter'>, unit: Unit, fact: WorkFact): void {
  unit.afterCommit(() => context.workMeter.tell(fact));
}

/** How work is labelled: names of targets, people and projects are no labels of what is counted. */
export function labelsOf({ target, steps }: Pick<Operation, 'target' | 'steps'>): WorkLabels {
  const [action = 'none', ...others] = new Set(steps.map((step) => step.action));
  return { connector: target.connector, action: others.length === 0 ? action : 'several' };
}

/** Milliseconds between two readings of clocks that may be of two machines: never less than none. */
export function elapsedMs(from: number, to: number): number {
  return Math.max(0, to - from);
}
