import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

const mostShown = 20;

/** `countersign provider test`. Exits 1 when the provider does not answer, or lacks the configured model. */
export function configureProviderTest(command: Command, session: Session): void {
  command.argument('<name>', 'name of the provider in the configuration');
  addCommonOptions(command);
  addExamples(command, 'countersign provider test local_ollama');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, name) => {
    const { client, print } = context;
    const ask = () => client.call('providerTest', { params: { name }, body: {} });
    const health = await audited(context, 'provider test', subjectWithoutOperation(name), ask, (done) => done.name);
    print.document(health);
    if (health.error !== null) {
      print.text(`${print.colors.red('failed')}: ${health.error.message} (${health.error.code})`);
      print.note(health.error.next);
      return 1;
    }
    print.text(`${print.colors.green('ok')}: answers in ${health.latency_ms ?? 0} ms`);
    const shown = health.models.slice(0, mostShown);
    if (shown.length > 0) {
      const more = health.models.length - shown.length;
      print.text(`Models: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`);
    }
    if (health.has_model !== false) return 0;
    print.note('The configured model is not among them.');
    return 1;
  });
}
