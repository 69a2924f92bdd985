export { dockerConnector } from './connector.ts';
