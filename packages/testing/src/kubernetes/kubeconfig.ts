/** The kubeconfig of the cluster that live tests use, by the usual variable. Throws with the next step when there is none. */
export function testKubeconfig(): string {
  const path = process.env['KUBECONFIG'];
  if (!path) throw new Error('KUBECONFIG is not set: run the tests of the cluster by "npm run test:live".');
  return path;
}
