import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Mode } from './faulty-target.ts';

const asynchronous = ['open', 'mkdir', 'rename', 'rm', 'stat', 'readFile'] as const;
const synchronous = [
  'openSync',
  'writeSync',
  'fsyncSync',
  'closeSync',
  'linkSync',
  'unlinkSync',
  'renameSync',
  'mkdirSync',
] as const;

/** Counts calls on files and breaks the n-th. */
export interface FileTrap {
  readonly nth: number;
  readonly mode: Mode;
  readonly calls: string[];
  fired: string | null;
}

type AnyCall = (...given: never[]) => unknown;

function ioError(name: string): Error {
  return Object.assign(new Error(`EIO: planted at ${name}`), { code: 'EIO' });
}

/** Replaces Node's functions on files in this process, handles included, until the answer is called. Synchronous ones cannot hang here. */
export function breakFiles(trap: FileTrap): () => void {
  const put: (() => void)[] = [];
  const strikes = (name: string): boolean => {
    trap.calls.push(name);
    if (trap.calls.length !== trap.nth) return false;
    trap.fired = name;
    return true;
  };
  const replace = (owner: object, name: string, wrap: (real: AnyCall) => AnyCall): void => {
    const real: unknown = Reflect.get(owner, name);
    if (typeof real !== 'function') throw new Error(`there is no ${name}`);
    Reflect.set(
      owner,
      name,
      wrap((...given) => Reflect.apply(real, owner, given)),
    );
    put.push(() => Reflect.set(owner, name, real));
  };
  const asyncly = (name: string, real: AnyCall): AnyCall => {
    return async (...given) => {
      if (!strikes(name)) return await real(...given);
      if (trap.mode === 'works, then fails') await real(...given);
      if (trap.mode === 'hangs') await new Promise<never>(() => undefined);
      throw ioError(name);
    };
  };
  for (const name of asynchronous)
    replace(fs.promises, name, (real) => {
      const broken = asyncly(name, real);
      if (name !== 'open') return broken;
      return async (...given) => {
        const handle: unknown = await broken(...given);
        if (typeof handle === 'object' && handle !== null)
          for (const method of ['writeFile', 'sync', 'close'])
            replace(handle, method, (own) => asyncly(`handle.${method}`, own));
        return handle;
      };
    });
  for (const name of synchronous)
    replace(fs, name, (real) => (...given) => {
      if (!strikes(name)) return real(...given);
      if (trap.mode === 'works, then fails') real(...given);
      throw ioError(name);
    });
  syncBuiltinESMExports();
  return () => {
    for (const back of put.reverse()) back();
    syncBuiltinESMExports();
  };
}
