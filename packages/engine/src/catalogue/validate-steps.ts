import {
  type ActionManifest,
  accept,
  type ConnectorManifest,
  type JsonObject,
  type Outcome,
  refuse,
  type StepInput,
} from '@countersign/protocol';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';

const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
const validators = new Map<string, ValidateFunction>();

function validatorOf(manifest: ConnectorManifest, action: ActionManifest): ValidateFunction {
  const key = `${manifest.hash} ${action.name}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  const made = ajv.compile(action.inputSchema);
  validators.set(key, made);
  return made;
}

function fieldOf(error: ErrorObject, step: number): string {
  const extra = error.params['additionalProperty'] ?? error.params['missingProperty'];
  const pointer = `/steps/${step}/inputs${error.instancePath}`;
  return typeof extra === 'string' ? `${pointer}/${extra.replaceAll('~', '~0').replaceAll('/', '~1')}` : pointer;
}

function problemOf(error: ErrorObject): string {
  if (error.keyword === 'additionalProperties') return 'is not an input of this action';
  if (error.keyword === 'required') return 'is required';
  return error.message ?? 'is not valid';
}

/** One validated step beside its action's manifest. */
export interface ValidStep {
  readonly step: StepInput;
  readonly action: ActionManifest;
}

function validateStep(manifest: ConnectorManifest, step: StepInput, index: number): Outcome<ValidStep> {
  const action = manifest.actions.find((known) => known.name === step.action);
  if (action === undefined) {
    return refuse('E_ACTION_UNKNOWN', `connector ${manifest.connector} has no action "${step.action}"`, {
      field: `/steps/${index}/action`,
      did_you_mean: nearest(
        step.action,
        manifest.actions.map((known) => known.name),
      ),
      next: 'see `countersign actions`',
    });
  }
  const validate = validatorOf(manifest, action);
  if (validate(step.inputs)) return accept({ step, action });
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'anyOf' && error.keyword !== 'oneOf');
  const shown = (errors.length > 0 ? errors : (validate.errors ?? [])).slice(0, 10);
  const problems: JsonObject[] = shown.map((error) => ({ field: fieldOf(error, index), problem: problemOf(error) }));
  const first = problems[0];
  return refuse(
    'E_VALIDATION',
    `${first?.['field'] ?? `/steps/${index}/inputs`} ${first?.['problem'] ?? 'is not valid'}`,
    {
      field: first?.['field'] ?? `/steps/${index}/inputs`,
      problems,
      next: `see \`countersign actions ${step.action}\` for its inputs`,
    },
  );
}

/** Validates every step against the schemas that the worker announced. */
export function validateSteps(manifest: ConnectorManifest, steps: readonly StepInput[]): Outcome<ValidStep[]> {
  const valid: ValidStep[] = [];
  for (const [index, step] of steps.entries()) {
    const outcome = validateStep(manifest, step, index);
    if (!outcome.ok) return outcome;
    valid.push(outcome.value);
  }
  return accept(valid);
}
