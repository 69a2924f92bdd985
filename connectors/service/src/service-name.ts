import { z } from 'zod';

/**
 * The name of one service: a systemd unit (`nginx`, `getty@tty1.service`, with `\x2d` as systemd escapes), a program of
 * supervisord (`web`, `group:web_00`) or an init script. Never an option, a path or a pattern.
 */
export const ServiceName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*$/, 'use the name of a service')
  .meta({ description: 'Name of the service, as its manager has it.', 'x-entity': 'service' });
