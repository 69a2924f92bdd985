import { serve, service } from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { answerRates } from './answer-rates.mjs';

const [, , servicePort, ingressUrl, adminUrl] = process.argv;
const twoSteps = service({
  name: 'twoSteps',
  handlers: {
    run: async (context, value) => {
      const first = await context.run('first', () => `${value} once`);
      return await context.run('second', () => `${first} and twice`);
    },
  },
});
await serve({ services: [twoSteps], port: Number(servicePort) });
const registered = await fetch(`${adminUrl}/deployments`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ uri: `http://127.0.0.1:${servicePort}` }),
});
if (!registered.ok) throw new Error(await registered.text());
const client = clients.connect({ url: ingressUrl }).serviceClient(twoSteps);

answerRates(
  async () => {
    await client.run('done');
  },
  async () => {},
);
