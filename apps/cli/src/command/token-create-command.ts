import { CodedError, PrincipalKind, Role, Scope } from '@countersign/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { collectScopes } from '../input/scope-value.ts';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTime } from '../render/time.ts';

interface TokenCreateOptions extends CommonOptions {
  readonly kind: PrincipalKind;
  readonly role: Role;
  readonly owner?: string;
  readonly expires?: number;
  readonly scopes?: readonly Scope[];
}

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30d`, `12h` or `15m` in milliseconds. */
export function durationMs(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit ?? ''];
  if (unitMs === undefined) throw new InvalidArgumentError('Expected a number with m, h or d, such as 30d.');
  return Number(count) * unitMs;
}

/** `countersign token create`: the only command that ever prints a token. */
export function configureTokenCreate(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the principal')
    .addOption(new Option('--kind <kind>', 'who will use it').choices(PrincipalKind.options).default('person'))
    .addOption(new Option('--role <role>', 'what it may do').choices(Role.options).default('viewer'))
    .option('--owner <name>', 'person at the root of an agent or service; you when left out')
    .option('--scopes <list>', `narrow it to these, separated by commas: ${Scope.options.join(', ')}`, collectScopes)
    .option('--expires <time>', 'how long it is valid: 30d, 12h, 15m', durationMs);
  addCommonOptions(command);
  addExamples(
    command,
    'countersign token create alice --role approver > alice.token',
    'countersign token create helper --kind agent --role actions --expires 12h',
    'countersign token create looker --kind agent --role viewer --scopes operations:read,evidence:read',
  );
  setAction<TokenCreateOptions, [string]>(command, session, async (context, options, name) => {
    const { client, print } = context;
    const { kind, role, owner, expires, scopes } = options;
    if ((kind === 'worker') !== (role === 'worker')) {
      throw new CodedError('E_VALIDATION', 'a worker has kind worker and role worker', { field: '--role' });
    }
    const body = {
      name,
      kind,
      role,
      ...(owner !== undefined && { owner }),
      ...(scopes !== undefined && { scopes: [...scopes] }),
      ...(expires !== undefined && { expires_in_ms: expires }),
    };
    const call = () => client.call('tokenCreate', { body });
    const created = await audited(
      context,
      'token create',
      subjectWithoutOperation(name),
      call,
      ({ token_id: id }) => `created ${id}`,
    );
    const narrowed = created.scopes === null ? '' : `, narrowed to ${created.scopes.join(', ')}`;
    print.text(created.token);
    print.note(
      `token ${created.token_id}, ${created.kind}, role ${created.role}${narrowed}, valid until ${renderTime(created.expires_at)}; its text is not shown again`,
    );
    print.document(created);
    return 0;
  });
}
