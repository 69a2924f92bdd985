import type { ApprovalStatement, PlanBody, Verdict } from '@countersign/protocol';
import { concatBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';

const separator = new Uint8Array([0]);

/** Domain tag, a zero byte, the message: bytes hashed for one purpose can never be read for another. */
export function taggedBytes(tag: string, message: Uint8Array): Uint8Array {
  return concatBytes(utf8(tag), separator, message);
}

/**
 * The bytes a plan digest is the SHA-256 of: `countersign.plan.v1`, 0x00, RFC 8785 JSON of the body.
 *
 * @throws TypeError when the body cannot be written as canonical JSON.
 */
export function planPreimage(body: PlanBody): Uint8Array {
  return taggedBytes('countersign.plan.v1', canonicalBytes(body));
}

/**
 * The bytes a verdict digest is the SHA-256 of: `countersign.verdict.v1`, 0x00, RFC 8785 JSON of the whole verdict,
 * so that a signature covers also the policies' texts and the reason that was shown.
 */
export function verdictPreimage(verdict: Verdict): Uint8Array {
  return taggedBytes('countersign.verdict.v1', canonicalBytes(verdict));
}

/** The payload a person's approval is signed over: RFC 8785 JSON of the statement. */
export function statementBytes(statement: ApprovalStatement): Uint8Array {
  return canonicalBytes(statement);
}
