import type { ModelProvider, Reads } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

/** The provider that somebody switched to; null while the configuration's own choice stands. */
export const activeSetting = 'provider_active';
/** The configuration's own choice when it was last looked at: another one there takes the place of a switch. */
export const defaultSetting = 'provider_default';

/** The provider that new requests ask, read at each of them. One that the configuration no longer has gives way to its own choice. */
export async function activeProvider(
  { providers }: Pick<EngineContext, 'providers'>,
  reads: Pick<Reads, 'settings'>,
): Promise<ModelProvider> {
  const chosen = await reads.settings.get(activeSetting);
  const named = typeof chosen === 'string' ? providers.named(chosen) : null;
  const active = named ?? providers.named(providers.byDefault) ?? providers.named('rules');
  if (active === null) throw new CodedError('E_INTERNAL', 'there is no provider, not even "rules"');
  return active;
}
