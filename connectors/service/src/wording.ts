import type { Wording } from '@countersign/protocol';

/** How people ask which services there are. */
export const listWording: Wording = {
  verbs: ['list', 'show'],
  nouns: ['service', 'daemon', 'daemons'],
  asks: [
    'systemctl list-units',
    'supervisorctl status',
    'what services are running',
    'which services are running',
    'what services are there',
    'which services are there',
    'que servicios hay',
    'que servicios corren',
  ],
  details: [
    'all services {all=true}',
    'including stopped {all=true}',
    'stopped ones {all=true}',
    'todos servicios {all=true}',
    'tambien los parados {all=true}',
    'whose name contains {name}',
    'name contains {name}',
    'cuyo nombre contiene {name}',
  ],
};

/** How people ask what one service does. */
export const statusWording: Wording = {
  verbs: ['show'],
  nouns: ['status service', 'service status', 'estado servicio'],
  asks: [
    'systemctl status',
    'status of service',
    'is service running',
    'how is service',
    'estado del servicio',
    'como esta el servicio',
  ],
};

/** How people ask for a service's log. */
export const logsWording: Wording = {
  verbs: ['show', 'follow'],
  nouns: [
    'log',
    'lines',
    'lineas',
    'service log',
    'log service',
    'service logs',
    'logs service',
    'journal',
    'log servicio',
    'registro servicio',
  ],
  asks: ['journalctl', 'journalctl -u', 'journalctl -f -u {follow=true}'],
  details: [
    'last {tail} lines',
    'last {tail}',
    '{tail} lines',
    'all lines {tail=all}',
    'ultimas {tail} lineas',
    '{tail} lineas',
    'todas lineas {tail=all}',
    'since {since}',
    'last {since}',
    'desde hace {since}',
    'desde {since}',
    'live {follow=true}',
    'en vivo {follow=true}',
    'with timestamps {timestamps=true}',
    'con marcas de tiempo {timestamps=true}',
  ],
};

const stable = ['stable for {stable_seconds}', 'watch it for {stable_seconds}', 'estable durante {stable_seconds}'];

/** How people ask for a restart. */
export const restartWording: Wording = {
  verbs: ['restart'],
  nouns: ['service', 'daemon'],
  asks: ['systemctl restart', 'supervisorctl restart', 'service needs a restart', 'reinicia el servicio'],
  details: stable,
};

/** How people ask for a start. */
export const startWording: Wording = {
  verbs: ['start'],
  nouns: ['service', 'daemon'],
  asks: ['systemctl start', 'supervisorctl start', 'arranca el servicio', 'inicia el servicio'],
  details: stable,
};

/** How people ask for a stop. */
export const stopWording: Wording = {
  verbs: ['stop'],
  nouns: ['service', 'daemon'],
  asks: ['systemctl stop', 'supervisorctl stop', 'para el servicio', 'deten el servicio'],
  details: stable,
};
