import type { ListedService } from '../service.ts';
import { phaseOf } from './unit.ts';

/** Reads `systemctl list-units --plain --no-legend`: name, load, active, sub, description. Units that are not there are left out. */
export function readUnits(text: string): ListedService[] {
  return text.split('\n').flatMap((line) => {
    const [, name, loaded, active, sub, description] = /^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || active === undefined || sub === undefined || loaded === 'not-found') return [];
    return [
      { name, phase: phaseOf(active, sub), native: `${active} (${sub})`, description: (description ?? '').trim() },
    ];
  });
}

/** Reads `systemctl list-unit-files --plain --no-legend`: those that no process needed yet are in no other list. */
export function readUnitFiles(text: string): ListedService[] {
  return text.split('\n').flatMap((line) => {
    const [name, state] = line.trim().split(/\s+/);
    // A template is no service before somebody names an instance; an alias stands under its own name.
    if (name === undefined || name === '' || state === undefined || name.includes('@.') || state === 'alias') return [];
    return [{ name, phase: 'stopped' as const, native: `not loaded (${state})`, description: '' }];
  });
}
