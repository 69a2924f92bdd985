import picocolors from 'picocolors';
import type { Output } from '../terminal/terminal.ts';

/** Colour functions; each answers its text unchanged where colour is off. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours for one stream: on for a terminal, unless `wanted` is false, NO_COLOR is set or TERM is dumb; FORCE_COLOR turns them on. */
export function colorsFor(output: Output, env: Readonly<Record<string, string | undefined>>, wanted: boolean): Colors {
  const refused = !wanted || Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
  const forced = Boolean(env['FORCE_COLOR']) && env['FORCE_COLOR'] !== '0';
  return picocolors.createColors(!refused && (output.isTty || forced));
}

/** No colours at all. */
export const plainColors: Colors = picocolors.createColors(false);
