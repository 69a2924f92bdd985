/** A program that notes each start and each asked-for end in `/var/log/NAME.effects`, says so, and runs until it is stopped. */
export function counted(name: string): string {
  return `#!/bin/sh
echo start >> /var/log/${name}.effects
echo "${name} started"
trap 'echo stop >> /var/log/${name}.effects; exit 0' TERM
while :; do sleep 0.1; done
`;
}

const unit = (description: string, command: string, more = ''): string => `[Unit]
Description=${description}
[Service]
ExecStart=${command}
${more}
`;

/** Files of the machine that systemd runs on: two good services, one that leans on the first, and one that crashes. */
export const systemdFiles: Readonly<Record<string, string>> = {
  '/usr/local/bin/alpha': counted('alpha'),
  '/usr/local/bin/beta': counted('beta'),
  '/etc/systemd/system/alpha.service': unit(
    'Counts its starts',
    '/usr/local/bin/alpha',
    'Environment=PASSWORD=hunter2',
  ),
  '/etc/systemd/system/beta.service': unit('Counts its starts too', '/usr/local/bin/beta'),
  '/etc/systemd/system/leaning.service': `[Unit]
Description=Leans on beta
Requires=beta.service
After=beta.service
[Service]
ExecStart=/bin/sleep 1000000
`,
  '/etc/systemd/system/crash.service': unit(
    'Crashes',
    `/bin/sh -c 'echo "about to crash"; sleep 0.2; exit 3'`,
    'Restart=always\nRestartSec=200ms\nStartLimitIntervalSec=0',
  ),
  '/etc/systemd/system/slow.service': unit(
    'Stops slowly',
    `/bin/sh -c 'trap "sleep 3; exit 0" TERM; while :; do sleep 0.1; done'`,
  ),
};

/** Programs of supervisord: two good ones, one in a group, and one that crashes. */
export const supervisordFiles: Readonly<Record<string, string>> = {
  '/usr/local/bin/alpha': counted('alpha'),
  '/usr/local/bin/beta': counted('beta'),
  '/etc/supervisor/conf.d/tests.conf': `[program:alpha]
command=/usr/local/bin/alpha
startsecs=1
[program:beta]
command=/usr/local/bin/beta
startsecs=1
autostart=false
[program:crash]
command=/bin/sh -c "echo about to crash; exit 3"
autostart=false
startsecs=1
startretries=1
[group:pair]
programs=left
[program:left]
command=/bin/sleep 1000000
`,
};

/** An init script as Debian's are. */
export function initScript(name: string): string {
  return `#!/bin/sh
### BEGIN INIT INFO
# Provides:          ${name}
# Required-Start:
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: Counts its starts
### END INIT INFO
NAME=${name}
PIDFILE=/run/$NAME.pid
. /lib/lsb/init-functions
case "$1" in
  start) start-stop-daemon --start --quiet --oknodo --background --make-pidfile --pidfile $PIDFILE --output /var/log/$NAME.log --startas /usr/local/bin/$NAME ;;
  stop) start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile $PIDFILE; rm -f $PIDFILE ;;
  restart) $0 stop; $0 start ;;
  status) status_of_proc -p $PIDFILE /bin/sh "$NAME" ;;
  *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 2 ;;
esac
`;
}

/** Two good services by init scripts, and one whose program ends at once. */
export const sysvinitFiles: Readonly<Record<string, string>> = {
  '/usr/local/bin/alpha': counted('alpha'),
  '/usr/local/bin/beta': counted('beta'),
  '/usr/local/bin/crash': '#!/bin/sh\necho about to crash\nexit 3\n',
  '/etc/init.d/alpha': initScript('alpha'),
  '/etc/init.d/beta': initScript('beta'),
  '/etc/init.d/crash': initScript('crash'),
};
