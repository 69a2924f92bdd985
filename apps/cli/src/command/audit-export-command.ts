import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { type AuditFilterOptions, addAuditFilters, auditFilters } from './audit-filters.ts';
import { wholeNumber } from './whole-number.ts';

interface ExportOptions extends CommonOptions, AuditFilterOptions {
  readonly out: string;
  readonly from: number;
}

/** `countersign audit export`: the log as JSON lines, each exactly what its leaf hash is made of. */
export function configureAuditExport(command: Command, session: Session): void {
  addAuditFilters(command)
    .requiredOption('--out <file>', 'file that gets the entries')
    .option('--from <n>', 'only from this leaf on', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0);
  addCommonOptions(command);
  addExamples(
    command,
    'countersign audit export --out audit.jsonl',
    'countersign audit export --out refused.jsonl --outcome refused --since 2026-11-01T00:00Z',
  );
  setAction<ExportOptions>(command, session, async ({ client, deps, print }, options) => {
    const { out, from } = options;
    const filters = auditFilters(options);
    const file = resolve(deps.cwd, out);
    const checkpoint = await client.call('checkpoint');
    const to = checkpoint.tree_size;
    const chunks = client.stream('auditExport', { query: { from, to, ...filters } });
    await pipeline(Readable.from(chunks, { objectMode: false }), createWriteStream(file));
    await pipeline(Readable.from([checkpoint.note]), createWriteStream(`${file}.checkpoint`));
    print.text(file);
    const whole = Object.keys(filters).length === 0;
    print.note(
      whole
        ? `entries ${from} to ${to - 1}; the checkpoint that covers them is in ${file}.checkpoint`
        : `what was asked for of entries ${from} to ${to - 1}; only a whole export can be verified`,
    );
    print.document({ file, checkpoint: `${file}.checkpoint`, from, to, whole });
    return 0;
  });
}
