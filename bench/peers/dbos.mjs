import { DBOS } from '@dbos-inc/dbos-sdk';
import { answerRates } from './answer-rates.mjs';

const [, , systemDatabaseUrl] = process.argv;
DBOS.setConfig({ name: 'bench', systemDatabaseUrl, systemDatabasePoolSize: 20, logLevel: 'error' });

const workflow = DBOS.registerWorkflow(
  async (value) => {
    const first = await DBOS.runStep(async () => `${value} once`, { name: 'first' });
    return await DBOS.runStep(async () => `${first} and twice`, { name: 'second' });
  },
  { name: 'twoSteps' },
);
await DBOS.launch();

answerRates(
  async () => {
    await workflow('done');
  },
  () => DBOS.shutdown(),
);
