import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { canonicalJson, verifyTrust } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

/** `countersign trust`: export. */
export function configure(command: Command, session: Session): void {
  const exporting = command.command('export').description('Write the trust root that verifiers keep');
  exporting.option('--out <file>', 'where to; standard output when left out');
  addCommonOptions(exporting);
  addExamples(exporting, 'countersign trust export --out trust.json');
  setAction<CommonOptions & { out?: string }>(exporting, session, async ({ client, deps, print }, { out }) => {
    const trust = await client.call('trust');
    const checked = await verifyTrust(trust, nodeVerifyCrypto);
    if (!checked.ok) throw new CodedError('E_VERIFY', `the trust root of the server does not hold: ${checked.reason}`);
    const text = canonicalJson(trust);
    if (out === undefined) print.text(text);
    else await writeFile(resolve(deps.cwd, out), `${text}\n`);
    if (out !== undefined) print.text(resolve(deps.cwd, out));
    print.document(trust);
    return 0;
  });
}
