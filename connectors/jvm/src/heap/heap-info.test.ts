import { expect, it } from 'vitest';
import { readHeapInfo } from './heap-info.ts';

const K = 1024;
const M = 1024 * K;

it.each([
  [
    'G1 of 17',
    ` garbage-first heap   total 65536K, used 1439K [0x00000000fc000000, 0x0000000100000000)
  region size 1024K, 1 young (1024K), 0 survivors (0K)
 Metaspace       used 194K, committed 384K, reserved 1114112K
  class space    used 9K, committed 128K, reserved 1048576K
`,
    { usedBytes: 1439 * K, committedBytes: 65536 * K, metaspaceUsedBytes: 194 * K },
    ['garbage-first heap'],
  ],
  [
    'G1 of 25',
    `garbage-first heap   total reserved 65536K, committed 32768K, used 3788K [0x00000000fc000000, 0x0000000100000000)
 region size 1024K, 3 young (3072K), 0 survivors (0K)
`,
    { usedBytes: 3788 * K, committedBytes: 32768 * K, metaspaceUsedBytes: null },
    ['garbage-first heap'],
  ],
  [
    'Parallel of 17',
    ` PSYoungGen      total 18944K, used 1638K [0x00000000feb00000, 0x0000000100000000, 0x0000000100000000)
  eden space 16384K, 10% used [0x00000000feb00000,0x00000000fec99a80,0x00000000ffb00000)
  from space 2560K, 0% used [0x00000000ffd80000,0x00000000ffd80000,0x0000000100000000)
 ParOldGen       total 44032K, used 5K [0x00000000fc000000, 0x00000000feb00000, 0x00000000feb00000)
  object space 44032K, 0% used [0x00000000fc000000,0x00000000fc000000,0x00000000feb00000)
`,
    { usedBytes: 1643 * K, committedBytes: (18944 + 44032) * K, metaspaceUsedBytes: null },
    ['PSYoungGen', 'ParOldGen'],
  ],
  [
    'Serial of 17',
    ` def new generation   total 19648K, used 2105K [0x00000000fc000000, 0x00000000fd550000, 0x00000000fd550000)
  eden space 17472K,  12% used [0x00000000fc000000, 0x00000000fc20e4e0, 0x00000000fd110000)
 tenured generation   total 43712K, used 0K [0x00000000fd550000, 0x0000000100000000, 0x0000000100000000)
   the space 43712K,   0% used [0x00000000fd550000, 0x00000000fd550000, 0x00000000fd550200, 0x0000000100000000)
`,
    { usedBytes: 2105 * K, committedBytes: (19648 + 43712) * K },
    ['def new generation', 'tenured generation'],
  ],
  [
    'Z of 17',
    ` ZHeap           used 2M, capacity 64M, max capacity 64M
 Metaspace       used 249K, committed 448K, reserved 1114112K
`,
    { usedBytes: 2 * M, committedBytes: 64 * M, metaspaceUsedBytes: 249 * K },
    ['ZHeap'],
  ],
  [
    'Z of 25',
    `ZHeap            used 4M, capacity 64M, max capacity 64M
 Cache           60M (1)
  size classes   32M (1)
`,
    { usedBytes: 4 * M, committedBytes: 64 * M },
    ['ZHeap'],
  ],
  [
    'Shenandoah of 25',
    `Shenandoah Heap
 65536K max, 65536K soft max, 65536K committed, 3584K used
 256 x 256 K regions
Status: not cancelled
`,
    { usedBytes: 3584 * K, committedBytes: 65536 * K },
    ['Shenandoah Heap'],
  ],
])('%s', (_what, text, sizes, parts) => {
  const heap = readHeapInfo(text);
  expect(heap).toMatchObject(sizes);
  expect(heap?.parts.map(({ name }) => name)).toEqual(parts);
});

it('is nothing where no heap is told', () => {
  expect(readHeapInfo('OpenJDK 64-Bit Server VM version 17\n')).toBeUndefined();
});
