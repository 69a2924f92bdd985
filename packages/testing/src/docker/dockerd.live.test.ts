import { expect, it } from 'vitest';
import { busyboxImage } from './busybox-image.ts';
import { callDocker } from './docker-api.ts';
import { dockerSocket } from './socket.ts';

it('offers a Docker daemon that holds the busybox image', async () => {
  const image = await callDocker(dockerSocket(), 'GET', `/images/${busyboxImage}/json`);
  expect(JSON.parse(image)).toMatchObject({ RepoTags: [busyboxImage], Config: { Cmd: ['/bin/sh'] } });
});
