export { kubernetesConnector } from './connector.ts';
