export { askDocker, type DockerRequest, hijackDocker } from './docker/ask-docker.ts';
export { Demultiplexer, type Frame } from './docker/demultiplexer.ts';
export { type Dialler, openDialler } from './docker/dialler.ts';
export { DockerEndpoint } from './docker/docker-endpoint.ts';
export {
  DockerFailure,
  failureCode,
  isCertificateRefusal,
  safeDaemonMessage,
  unreachableDaemon,
} from './docker/docker-failure.ts';
export { attend, type OutputSink, type RemoteProcess, type RemoteStart } from './exec/attend.ts';
export { execAt, type PlacedExec } from './exec/exec-at.ts';
export { ClusterAccess, loadClusterAccess, unusableAccess } from './kubernetes/cluster-access.ts';
export { ContainerName, ExecPlace } from './place/exec-place.ts';
