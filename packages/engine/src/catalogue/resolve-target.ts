import { accept, type Outcome, refuse, type TargetRef, type TargetSelector } from '@countersign/protocol';
import { nearest } from './nearest.ts';

function choices(
  targets: readonly TargetRef[],
): { target: string; project: string; environment: string; connector: string }[] {
  return targets.map(({ name, project, environment, connector }) => ({
    target: name,
    project,
    environment,
    connector,
  }));
}

/** Finds the one target a selector means; several are refused with the choices, never guessed. */
export function resolveTarget(
  targets: readonly TargetRef[],
  selector: TargetSelector,
  connector: string,
): Outcome<TargetRef> {
  if (selector.target !== undefined) {
    const named = targets.filter((target) => target.name === selector.target);
    const found = named.find(
      (target) =>
        (selector.project === undefined || target.project === selector.project) &&
        (selector.environment === undefined || target.environment === selector.environment),
    );
    if (found === undefined) {
      const near = nearest(
        selector.target,
        targets.map((target) => target.name),
      );
      return refuse(
        'E_TARGET_UNKNOWN',
        `there is no target "${selector.target}"${named.length > 0 ? ' in that project and environment' : ''}`,
        {
          field: 'target',
          did_you_mean: near,
          next: 'see `countersign targets`',
        },
      );
    }
    if (found.connector !== connector) {
      return refuse(
        'E_VALIDATION',
        `target "${found.name}" is of connector ${found.connector}; this action belongs to ${connector}`,
        {
          field: 'target',
          choices: choices(targets.filter((target) => target.connector === connector)),
          next: `choose a ${connector} target`,
        },
      );
    }
    return accept(found);
  }
  const fitting = targets.filter(
    (target) =>
      target.connector === connector &&
      (selector.project === undefined || target.project === selector.project) &&
      (selector.environment === undefined || target.environment === selector.environment),
  );
  const only = fitting[0];
  if (only === undefined) {
    return refuse('E_TARGET_UNKNOWN', `no ${connector} target fits that project and environment`, {
      field: selector.environment === undefined ? 'target' : 'environment',
      choices: choices(targets.filter((target) => target.connector === connector)),
      next: 'name one of the choices, or add a target to countersign.yaml',
    });
  }
  if (fitting.length > 1) {
    return refuse('E_TARGET_AMBIGUOUS', `${fitting.length} targets fit; say which one you mean`, {
      field: selector.environment === undefined ? 'environment' : 'target',
      choices: choices(fitting),
      next: 'add "target", or "project" and "environment", to the request',
    });
  }
  return accept(only);
}
