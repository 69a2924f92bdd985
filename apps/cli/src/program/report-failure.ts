import { ApiError } from '@countersign/client';
import { visible } from '@countersign/evidence';
import { CodedError, type ErrorEnvelope, type Json, type JsonObject } from '@countersign/protocol';
import { colorsFor } from '../render/colors.ts';
import { asTyped } from './as-typed.ts';
import type { CliDeps } from './deps.ts';
import { exitOf } from './exit-code.ts';

function codedOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CodedError('E_INTERNAL', message, {}, { cause: error });
}

/** A target of the choices as the options that name it; anything else as it is. */
function choiceText(choice: Json): string {
  if (typeof choice === 'string') return choice;
  if (typeof choice !== 'object' || choice === null || Array.isArray(choice)) return JSON.stringify(choice);
  const { target, project, environment } = choice;
  if (typeof target !== 'string') return JSON.stringify(choice);
  return `--target ${target} --project ${project} --env ${environment}`;
}

function hintLines(detail: JsonObject): string[] {
  const lines: string[] = [];
  if (typeof detail['field'] === 'string') lines.push(`field: ${detail['field']}`);
  if (typeof detail['expected'] === 'string') lines.push(`expected: ${detail['expected']}`);
  const meant = [detail['did_you_mean']].flat().filter((name) => typeof name === 'string');
  if (meant.length > 0) lines.push(`did you mean: ${meant.join(', ')}`);
  const choices = detail['choices'];
  if (Array.isArray(choices)) {
    lines.push(...choices.map((choice) => `choice: ${choiceText(choice)}`));
  }
  const next = detail['next'];
  for (const step of Array.isArray(next) ? next : [next]) if (typeof step === 'string') lines.push(`next: ${step}`);
  return lines;
}

function envelopeOf(error: CodedError): ErrorEnvelope {
  const requestId = error instanceof ApiError ? (error.requestId ?? '') : '';
  const { code, message, detail } = error;
  return { error: { code, message, detail }, request_id: requestId };
}

/** Tells a failure on stderr, with `--json` as the one document on stdout as well, and answers its exit code. */
export function reportFailure(thrown: unknown, deps: CliDeps, options: { json: boolean; color: boolean }): number {
  const error = codedOf(thrown);
  const { stdout, stderr } = deps.terminal;
  const colors = colorsFor(stderr, deps.env, options.color);
  const reference = error instanceof ApiError && error.requestId ? `, request ${error.requestId}` : '';
  stderr.write(
    `${colors.red('error:')} ${visible(asTyped(error.message, deps.env))} ${colors.dim(`(${error.code}${visible(reference)})`)}\n`,
  );
  for (const line of hintLines(error.detail)) stderr.write(`  ${visible(asTyped(line, deps.env))}\n`);
  if (deps.env['COUNTERSIGN_DEBUG'] && thrown instanceof Error) stderr.write(`${visible(thrown.stack ?? '')}\n`);
  if (options.json) stdout.write(`${JSON.stringify(envelopeOf(error))}\n`);
  return exitOf(error.code);
}

/** The document of a command line that was not understood; commander told the person already. Answers exit code 2. */
export function usageFailure(message: string, deps: CliDeps): number {
  const error = new CodedError('E_VALIDATION', message);
  deps.terminal.stdout.write(`${JSON.stringify(envelopeOf(error))}\n`);
  return exitOf(error.code);
}
