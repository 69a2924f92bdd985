export { serviceConnector } from './connector.ts';
