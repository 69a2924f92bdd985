export { type ManualClock, makeManualClock } from './clock/manual-clock.ts';
export { busyboxImage, makeBusyboxImage, pauseImage } from './docker/busybox-image.ts';
export { debianImage, importDebianImage } from './docker/debian-image.ts';
export { type Dockerd, startDockerd } from './docker/dockerd.ts';
export { dockerSocket, dockerTlsSettings } from './docker/socket.ts';
export { type FaultRow, faultReportFolder, faultRow, reportFault } from './fault/report-fault.ts';
export { type GitRepository, makeGitRepository } from './git/git-repository.ts';
export { hostileValues } from './hostile/hostile-values.ts';
export { testKubeconfig } from './kubernetes/kubeconfig.ts';
export { dockerdOptionsFor, type KubernetesCluster, startKubernetes } from './kubernetes/start-kubernetes.ts';
export {
  type CreationOptions,
  type Misbehaviour,
  type RequestOptions,
  SoftAuthenticator,
} from './passkey/soft-authenticator.ts';
export { type PostgresServer, startPostgres } from './postgres/start-postgres.ts';
export { createTestDatabase, type TestDatabase } from './postgres/test-database.ts';
export { type ChildExit, type RunningChild, startChild } from './process/child.ts';
export {
  type CountersignOptions,
  type CountersignResult,
  runCountersign,
  startCountersign,
} from './process/countersign.ts';
export { freePort } from './process/free-port.ts';
export { residentMb } from './process/resident-memory.ts';
export { type Patience, waitForHttp, waitUntil } from './process/wait-until.ts';
export {
  type Prometheus,
  type PrometheusOptions,
  type PrometheusSample,
  startPrometheus,
} from './prometheus/start-prometheus.ts';
export { type BreakableProxy, openBreakableProxy } from './proxy/breakable-proxy.ts';
export { proxySocket, type SocketProxy } from './proxy/socket-proxy.ts';
export { openTcpProxy, type TcpProxy, type Treatment } from './proxy/tcp-proxy.ts';
export { type Sshd, startSshd } from './ssh/sshd.ts';
export { makeTempFolder, type TempFolder, tempFolder } from './temp/temp-folder.ts';
export {
  type Certificate,
  type CertificateAuthority,
  makeCertificateAuthority,
} from './tls/certificate-authority.ts';
