/**
 * The child's side of `startPeer`: says that it is ready, and for each question about a rate has so many clients do their
 * work again and again; answers how often a second.
 */
export function answerRates(work, close) {
  process.on('message', async ({ clients, each }) => {
    const startedAt = performance.now();
    const client = async () => {
      for (let count = 0; count < each; count += 1) await work();
    };
    await Promise.all(Array.from({ length: clients }, client));
    process.send({ rate: (clients * each * 1000) / (performance.now() - startedAt) });
  });
  process.once('disconnect', async () => {
    await close();
    process.exit();
  });
  process.send({ ready: true });
}
