import { type Channel, ConnectorError } from '@countersign/connector-kit';
import { safeDaemonMessage } from './docker-failure.ts';

/** One frame of Docker's multiplexed stream: what one write of one channel was. */
export interface Frame {
  readonly channel: Channel;
  readonly payload: Buffer;
}

const headerBytes = 8;
/** Docker cuts messages at 16 KiB; drivers that join them again stay far below this. */
const maxFrameBytes = 16 * 1024 * 1024;
const daemonErrorChannel = 3;

function badStream(message: string): ConnectorError {
  return new ConnectorError('E_TARGET_UNREACHABLE', message, { effect: 'none' });
}

/**
 * Takes Docker's multiplexed stream apart, wherever its chunks were cut. A frame is a channel byte, three zero bytes,
 * a big-endian length and the payload. Source: Docker Engine API, "Attach to a container", stream format.
 */
export class Demultiplexer {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** Bytes needed before the next frame can be taken. */
  private neededBytes = headerBytes;

  /** The frames that this chunk completes. Throws E_TARGET_UNREACHABLE if the stream is none, E_TARGET_REFUSED if the daemon reports an error in it. */
  push(chunk: Uint8Array): Frame[] {
    this.pending.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.pendingBytes += chunk.byteLength;
    if (this.pendingBytes < this.neededBytes) return [];
    let bytes = Buffer.concat(this.pending);
    const frames: Frame[] = [];
    this.neededBytes = headerBytes;
    while (bytes.length >= headerBytes) {
      const length = bytes.readUInt32BE(4);
      if (length > maxFrameBytes) throw badStream('the stream is not multiplexed as Docker documents it');
      if (bytes.length < headerBytes + length) {
        this.neededBytes = headerBytes + length;
        break;
      }
      frames.push(this.frame(bytes.readUInt8(0), bytes.subarray(headerBytes, headerBytes + length)));
      bytes = bytes.subarray(headerBytes + length);
    }
    this.pending = [bytes];
    this.pendingBytes = bytes.length;
    return frames;
  }

  /** Call at the end: throws E_TARGET_UNREACHABLE if a frame is incomplete. */
  end(): void {
    if (this.pendingBytes > 0) throw badStream('the stream broke off in the middle of a frame');
  }

  private frame(channel: number, payload: Buffer): Frame {
    if (channel === daemonErrorChannel) {
      throw new ConnectorError('E_TARGET_REFUSED', 'the Docker daemon cannot go on with this stream', {
        effect: 'none',
        detail: { daemon_message: safeDaemonMessage(payload.toString('utf8')) },
      });
    }
    if (channel > daemonErrorChannel) throw badStream('the stream is not multiplexed as Docker documents it');
    return { channel: channel === 2 ? 'stderr' : 'stdout', payload };
  }
}
