/** A peer of a row: measured, or named with why it cannot run here. */
export type Beside<Started> =
  | { readonly name: string; readonly started: Started }
  | { readonly name: string; readonly absent: string };

/** Starts what may be missing on this machine; a failure is told with the row and never becomes a figure. */
export async function beside<Started>(name: string, start: () => Promise<Started>): Promise<Beside<Started>> {
  try {
    return { name, started: await start() };
  } catch (error) {
    const [absent = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    console.error(`${name} does not run here: ${absent}`);
    return { name, absent };
  }
}
