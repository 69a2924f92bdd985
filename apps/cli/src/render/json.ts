import { visible } from '@countersign/evidence';
import type { Json } from '@countersign/protocol';

/**
 * JSON in which nothing can deceive the eye: still valid JSON of the same value, with every code point that is
 * invisible or moves text written as `\uXXXX`.
 */
export function visibleJson(value: Json, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(/[^ -~\n]/gu, (character) => {
    if (visible(character) === character) return character;
    return [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join('');
  });
}
