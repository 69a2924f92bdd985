/** The program of the service: says when it starts, and runs until it is asked to end. */
export const serviceProgram = `#!/bin/sh
trap 'echo "INFO orders stops"; exit 0' TERM
echo "INFO orders started"
while :; do sleep 0.2; done
`;

export const unitFile = (program: string): string => `[Unit]
Description=Orders, of the demo
[Service]
ExecStart=/bin/sh ${program}
`;

/** A supervisord that is reached by a socket in its own folder alone. */
export const supervisorConfig = (folder: string, name: string, program: string): string => `[supervisord]
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
[unix_http_server]
file=${folder}/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${folder}/supervisor.sock
[program:${name}]
command=/bin/sh ${program}
startsecs=1
`;

/** An init script as Debian's are. */
export const initScript = (
  name: string,
  program: string,
  { pid, log }: { pid: string; log: string },
): string => `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${name}
# Required-Start:
# Required-Stop:
# Default-Start:
# Default-Stop:
# Short-Description: Orders, of the demo
### END INIT INFO
PIDFILE=${pid}
stop() { start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile "$PIDFILE"; rm -f "$PIDFILE"; }
case "$1" in
  start) start-stop-daemon --start --quiet --oknodo --background --make-pidfile --pidfile "$PIDFILE" --output ${log} --startas /bin/sh -- ${program} ;;
  stop) stop ;;
  restart) stop; "$0" start ;;
  status) start-stop-daemon --status --pidfile "$PIDFILE" ;;
  *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 2 ;;
esac
`;
