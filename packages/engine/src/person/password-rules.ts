import { accept, type Outcome, refuse } from '@countersign/protocol';

const shortest = 12;
const fewestDifferent = 5;

/** One spelling for a password, whatever keyboard it was typed on (NIST SP 800-63B, 3.1.1.2). */
export function normalPassword(text: string): string {
  return text.normalize('NFKC');
}

/** Whether a new password may be set: long, not one character over and over, not the person's own name. */
export function checkNewPassword(text: string, name: string): Outcome<null> {
  const password = normalPassword(text);
  const problem = (message: string) =>
    refuse('E_VALIDATION', message, {
      field: '/password',
      next: `choose ${shortest} characters or more, such as four words`,
    });
  if ([...password].length < shortest) return problem(`a password has at least ${shortest} characters`);
  if (new Set(password.toLowerCase()).size < fewestDifferent)
    return problem(`a password has at least ${fewestDifferent} different characters`);
  if (name.length > 3 && password.toLowerCase().includes(name.toLowerCase()))
    return problem('a password does not contain the name of its person');
  return accept(null);
}
