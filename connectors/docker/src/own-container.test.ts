import { expect, it } from 'vitest';
import { containerIdIn } from './own-container.ts';

const id = 'ab'.repeat(32);

it('finds the id in the mounts that Docker makes', () => {
  const line = `613 600 254:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`;
  expect(containerIdIn(`22 1 0:20 / /proc rw - proc proc rw\n${line}\n`)).toBe(id);
});

it('is not misled by the mounts of a host that runs containers', () => {
  expect(containerIdIn(`99 1 0:5 / /var/lib/docker/containers/${id}/mounts/shm rw - tmpfs shm rw`)).toBeUndefined();
});
