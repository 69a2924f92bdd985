export { jvmConnector } from './connector.ts';
