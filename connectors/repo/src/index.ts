export { repoConnector } from './connector.ts';
