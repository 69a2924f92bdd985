import { ConnectorError, type LogLine } from '@countersign/connector-kit';

/** Older kubelets answer this with status 200 in place of a log; every line of a log has a time stamp. */
const sentence = /^unable to retrieve container logs for \S+$/;

/** Throws E_TARGET_MISSING where lines are a kubelet's word that it has cleared away the container they were asked of. */
export function refuseClearedLog(lines: readonly LogLine[], subject: { pod: string; container: string }): void {
  const [only, ...others] = lines;
  if (only === undefined || others.length > 0 || only.time !== undefined || !sentence.test(only.text)) return;
  const { pod, container } = subject;
  throw new ConnectorError('E_TARGET_MISSING', `that log of ${container} in pod ${pod} is gone`, {
    effect: 'none',
    detail: {
      ...{ pod, container, kubelet_message: only.text },
      next: 'its node has cleared the ended container away; read the log of the one that runs now, or the events of the pod',
    },
  });
}
