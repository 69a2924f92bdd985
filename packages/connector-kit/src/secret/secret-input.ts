import { z } from 'zod';

/** An input that is sealed at propose: plan, digest, diff and evidence see only `{"$sealed": hmac}`. */
export function secretInput(description: string): z.ZodString {
  return z.string().min(1).meta({ description, 'x-secret': true });
}
