import { Scope } from '@countersign/protocol';
import { InvalidArgumentError } from 'commander';
import { nearest } from './nearest.ts';

/** `operations:read,evidence:read`, added to those before it; each once. */
export function collectScopes(text: string, before: readonly Scope[] = []): Scope[] {
  const scopes = new Set(before);
  for (const word of text.split(',').map((part) => part.trim())) {
    const scope = Scope.safeParse(word);
    if (!scope.success) {
      const meant = nearest(word, Scope.options);
      const hint = meant === null ? `One of ${Scope.options.join(', ')}.` : `Did you mean ${meant}?`;
      throw new InvalidArgumentError(`There is no scope "${word}". ${hint}`);
    }
    scopes.add(scope.data);
  }
  return [...scopes];
}
