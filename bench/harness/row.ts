/** One figure of a row: what was measured, beside its peer where there is one. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** Measured in the same rounds on the same machine; null where no peer can run here. */
  readonly peer: { readonly name: string; readonly value: number } | null;
  /** What the goal is judged by; null for a figure that only explains. */
  readonly goal: Goal | null;
  /** A peer that could not run here, and why. */
  readonly absent?: string;
}

/** A bound on the ratio of ours to the peer's, or on our own figure. */
export interface Goal {
  readonly of: 'ratio' | 'ours';
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One row of the table: a name to ask for it by, and how it is measured. */
export interface Row {
  readonly name: string;
  readonly what: string;
  /** Figures of peers that do not run here, as their own sources tell them; never turned into a ratio. */
  readonly cited?: string;
  /** What was changed in the product to get here, with what it gave. */
  readonly changed?: readonly string[];
  /** What takes the time that is left. */
  readonly dominates?: string;
  measure(): Promise<Figure[]>;
}

/** Ours divided by the peer's. */
export function ratioOf(figure: Figure): number | null {
  return figure.peer === null ? null : figure.ours / figure.peer.value;
}

/** Whether the goal is met; null without one. */
export function isMet(figure: Figure): boolean | null {
  const { goal } = figure;
  if (goal === null) return null;
  const value = goal.of === 'ours' ? figure.ours : ratioOf(figure);
  if (value === null) return null;
  return goal.bound === 'at least' ? value >= goal.value : value <= goal.value;
}
