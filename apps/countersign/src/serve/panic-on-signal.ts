import { type EngineContext, panicBySignal } from '@countersign/engine';

/**
 * SIGUSR2 switches panic mode on: for whoever has a shell on the server and no token at hand. Lifting it takes an
 * administrator who proves who they are. Answers what takes the listener away.
 */
export function panicOnSignal(context: EngineContext): () => void {
  const listen = (): void => {
    panicBySignal(context, 'SIGUSR2').then(
      () => process.stderr.write('SIGUSR2: panic mode is on; nothing starts until an administrator lifts it\n'),
      (error: unknown) => {
        const why = error instanceof Error ? error.message : 'it failed';
        process.stderr.write(`SIGUSR2: panic mode could not be switched on: ${why}\n`);
      },
    );
  };
  process.on('SIGUSR2', listen);
  return () => process.off('SIGUSR2', listen);
}
