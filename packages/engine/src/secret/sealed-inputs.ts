import type { SealedValue } from '@countersign/kernel';
import { CodedError, findSecrets, type Json, type JsonObject, type StepInput } from '@countersign/protocol';
import type { ValidStep } from '../catalogue/validate-steps.ts';
import { secretsInBase64, textsOfSecret } from './decoded-secrets.ts';
import { allForms, asObject, ofItem, ofProperty } from './schema-walk.ts';
import type { Vault } from './vault.ts';

type Sealed = Pick<SealedValue, 'name' | 'nonce' | 'ciphertext'>;

/** Whether a value is a secret by the name it stands under, as `{"password": …}`. */
function isNamedSecret(key: string, value: Json): boolean {
  return typeof value === 'string' && findSecrets(`${key}=${value}`).includes(value);
}

class Sealer {
  readonly values = new Map<string, Sealed>();
  readonly #vault: Vault;
  constructor(vault: Vault) {
    this.#vault = vault;
  }
  mark(secret: string): JsonObject {
    const sealed = this.#vault.seal(secret);
    if (!this.values.has(sealed.name)) this.values.set(sealed.name, sealed);
    return { $sealed: sealed.name };
  }
  text(text: string): Json {
    const secrets = findSecrets(text);
    // A connector decodes it and shows what it finds: the whole of it is kept back.
    if (secrets.length === 0) return secretsInBase64(text).length > 0 ? this.mark(text) : text;
    const parts: Json[] = [];
    let rest = text;
    while (rest !== '') {
      const next = secrets
        .map((secret) => ({ secret, at: rest.indexOf(secret) }))
        .filter(({ at }) => at >= 0)
        .sort((a, b) => a.at - b.at || b.secret.length - a.secret.length)[0];
      if (next === undefined) break;
      if (next.at > 0) parts.push(rest.slice(0, next.at));
      parts.push(this.mark(next.secret));
      rest = rest.slice(next.at + next.secret.length);
    }
    if (rest !== '') parts.push(rest);
    return { $sealed_parts: parts };
  }
  value(value: Json, root: JsonObject, schemas: readonly (Json | undefined)[], within = false): Json {
    const forms = allForms(root, schemas);
    const secret = within || forms.some((form) => form['x-secret'] === true);
    if (typeof value === 'string') return secret ? this.mark(value) : this.text(value);
    if (Array.isArray(value)) return value.map((item, index) => this.value(item, root, ofItem(forms, index), secret));
    const object = asObject(value);
    return object === null ? value : this.object(object, root, forms, secret);
  }

  object(object: JsonObject, root: JsonObject, forms: readonly JsonObject[], within = false): JsonObject {
    const entries = Object.entries(object);
    return Object.fromEntries(
      entries.map(([key, item]) => [
        key,
        this.value(item, root, ofProperty(forms, key), within || isNamedSecret(key, item)),
      ]),
    );
  }
}

/** Replaces secrets (marked by schema, or known by their shape) by `{"$sealed": name}`; answers the sealed values beside. */
export function sealInputs(vault: Vault, steps: readonly ValidStep[]): { steps: StepInput[]; values: Sealed[] } {
  const sealer = new Sealer(vault);
  const sealed = steps.map(({ step, action }) => ({
    action: step.action,
    inputs: sealer.object(step.inputs, action.inputSchema, allForms(action.inputSchema, [action.inputSchema])),
  }));
  return { steps: sealed, values: [...sealer.values.values()] };
}

/** Whether a proposal holds what only sealing may write; opened, it would stand for something else than it says. */
export function holdsSealedMark(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsSealedMark);
  const object = asObject(value);
  if (object === null) return false;
  if (Object.hasOwn(object, '$sealed') || Object.hasOwn(object, '$sealed_parts')) return true;
  return Object.values(object).some(holdsSealedMark);
}

function openValue(value: Json, secrets: ReadonlyMap<string, string>): Json {
  if (Array.isArray(value)) return value.map((item) => openValue(item, secrets));
  const object = asObject(value);
  if (object === null) return value;
  const name = object['$sealed'];
  if (typeof name === 'string') {
    const secret = secrets.get(name);
    if (secret === undefined) {
      throw new CodedError('E_INTERNAL', 'a sealed value is missing: it was deleted after its retention');
    }
    return secret;
  }
  const parts = object['$sealed_parts'];
  if (Array.isArray(parts)) return parts.map((part) => openValue(part, secrets)).join('');
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, openValue(item, secrets)]));
}

/** Throws E_INTERNAL for a value that this installation never sealed under that name. */
function openSealed(vault: Vault, value: SealedValue): string {
  try {
    return vault.open(value).reveal();
  } catch (cause) {
    throw new CodedError(
      'E_INTERNAL',
      'a sealed value cannot be opened: it was changed after it was sealed',
      {},
      { cause },
    );
  }
}

/** The inverse of `sealInputs`, for the worker that claimed the job. */
export function openInputs(
  vault: Vault,
  steps: readonly StepInput[],
  values: readonly SealedValue[],
): { steps: StepInput[]; secrets: string[] } {
  const secrets = new Map(values.map((value) => [value.name, openSealed(vault, value)]));
  const opened = steps.map((step) => {
    const inputs = openValue(step.inputs, secrets);
    return { action: step.action, inputs: asObject(inputs) ?? {} };
  });
  return { steps: opened, secrets: [...new Set([...secrets.values()].flatMap(textsOfSecret))] };
}
