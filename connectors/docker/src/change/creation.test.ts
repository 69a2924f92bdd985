import { expect, it } from 'vitest';
import { ImageConfig } from '../answers.ts';
import { creationOf } from './creation.ts';

const id = 'ab'.repeat(32);
const image = ImageConfig.parse({
  Env: ['PATH=/bin', 'LEVEL=info'],
  Cmd: ['serve'],
  WorkingDir: '/srv',
  Labels: { maker: 'us' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
});
const whole = {
  Id: id,
  Config: {
    Hostname: id.slice(0, 12),
    Env: ['PATH=/bin', 'LEVEL=debug', 'PASSWORD=hunter2'],
    Cmd: ['serve'],
    Entrypoint: null,
    WorkingDir: '/srv',
    User: 'app',
    Labels: { maker: 'us', team: 'shop' },
    ExposedPorts: { '80/tcp': {}, '9000/tcp': {} },
    Volumes: { '/data': {} },
    Tty: true,
  },
  HostConfig: {
    NetworkMode: 'shop',
    Binds: ['named:/named:ro'],
    Memory: 5,
    RestartPolicy: { Name: 'always' },
    ContainerIDFile: '/x',
  },
  Mounts: [
    { Type: 'volume', Name: 'named', Destination: '/named', RW: false },
    { Type: 'volume', Name: 'c0ffee', Destination: '/data', RW: true },
    { Type: 'bind', Source: '/host', Destination: '/host', RW: true },
  ],
  NetworkSettings: {
    Networks: {
      shop: { Aliases: ['web', id.slice(0, 12)], IPAMConfig: { IPv4Address: '10.0.0.9' }, NetworkID: 'n1' },
      audit: { Aliases: null, Links: null },
    },
  },
};

it("carries over what is the container's own, and leaves what was the old image's to the new one", () => {
  const { body, networks } = creationOf(whole, image, 'shop:2', 'm4rk');
  expect(body).toMatchObject({
    Image: 'shop:2',
    Env: ['LEVEL=debug', 'PASSWORD=hunter2'],
    User: 'app',
    Tty: true,
    Labels: { team: 'shop', 'countersign.step': 'm4rk' },
    ExposedPorts: { '9000/tcp': {} },
    Volumes: {},
  });
  for (const left of ['Cmd', 'Entrypoint', 'WorkingDir', 'Hostname']) expect(body).not.toHaveProperty(left);
  expect(body['Labels']).not.toHaveProperty('maker');
  expect(body['HostConfig']).toMatchObject({
    Memory: 5,
    RestartPolicy: { Name: 'always' },
    Binds: ['named:/named:ro'],
    Mounts: [{ Type: 'volume', Source: 'c0ffee', Target: '/data', ReadOnly: false }],
  });
  expect(body['HostConfig']).not.toHaveProperty('ContainerIDFile');
  expect(body['NetworkingConfig']).toEqual({
    EndpointsConfig: { shop: { Aliases: ['web'], IPAMConfig: { IPv4Address: '10.0.0.9' } } },
  });
  expect(networks).toEqual([{ name: 'audit', endpoint: { Aliases: [], Links: null } }]);
});

it('keeps a command and a host name of its own; an entrypoint of its own takes the command along', () => {
  const own = (config: object) =>
    creationOf({ ...whole, Config: { ...whole.Config, ...config } }, image, 'shop:2', 'm').body;
  expect(own({ Cmd: ['serve', '--fast'] })).toMatchObject({ Cmd: ['serve', '--fast'] });
  expect(own({ Entrypoint: ['/init'] })).toMatchObject({ Entrypoint: ['/init'], Cmd: ['serve'] });
  expect(own({ Hostname: 'web-1' })).toMatchObject({ Hostname: 'web-1' });
});

it('leaves the networks of another container and of the host to the daemon', () => {
  const host = { ...whole.HostConfig, NetworkMode: `container:${'c'.repeat(64)}` };
  expect(creationOf({ ...whole, HostConfig: host }, image, 'i', 'm')).toMatchObject({ networks: [] });
  const bridge = { ...whole, NetworkSettings: { Networks: { bridge: { Aliases: null } } } };
  expect(creationOf(bridge, image, 'i', 'm').body).not.toHaveProperty('NetworkingConfig');
});
