import { WebMode } from '@countersign/protocol';
import { defaultLimits, type LimitSetting, type LimitSettings, type WebSettings } from '@countersign/server';
import { z } from 'zod';

const Origin = z.string().refine((text) => URL.parse(text)?.origin === text && /^https?:/.test(text), {
  message: 'expected an origin such as https://app.example.org, without path',
});
/** `web` of `countersign.yaml`: how browsers reach the server. */
export const WebConfig = z
  .strictObject({
    mode: WebMode.default('same_origin').meta({
      description:
        'Where the pages come from: this server (same_origin), another host of the same site (same_site), or another site (cross_site, best effort: browsers block such cookies).',
    }),
    origins: z
      .array(Origin)
      .max(32)
      .default([])
      .meta({ description: 'Origins of the pages that may call with a session, besides the own one.' }),
  })
  .refine(({ mode, origins }) => mode === 'same_origin' || origins.length > 0, {
    path: ['origins'],
    message: 'expected the origins of the pages, because mode is not same_origin',
  });

/** `admin` of `countersign.yaml`: an address of its own for administration. */
export const AdminConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'Address to listen on.' }),
  port: z.int().min(0).max(65_535).meta({ description: 'Port to listen on.' }),
});

const setting = ({ perMinute, perDay }: LimitSetting, description: string) =>
  z
    .strictObject({
      per_minute: z.int().min(1).max(100_000_000).default(perMinute).meta({ description: 'Requests in a minute.' }),
      per_day: z.int().min(1).nullable().default(perDay).meta({ description: 'Requests in a day; null for no bound.' }),
    })
    .prefault({})
    .meta({ description });

const { classes, public: others, anonymous, refused } = defaultLimits;

/** `limits` of `countersign.yaml`: what one principal may ask, by class of routes. */
export const LimitsConfig = z.strictObject({
  read: setting(classes.read, 'Reads of one principal.'),
  write: setting(classes.write, 'Changes and proposals of one principal.'),
  stream: setting(classes.stream, 'Streams that one principal opens.'),
  worker: setting(classes.worker, 'Calls of one worker.'),
  auth: setting(classes.auth, 'Calls of one address to sign in or out.'),
  public: z
    .strictObject({
      read: setting(others.read, 'Reads of one principal.'),
      write: setting(others.write, 'Changes and proposals of one principal.'),
      stream: setting(others.stream, 'Streams that one principal opens.'),
    })
    .prefault({})
    .meta({ description: 'The same for /v1/public.' }),
  anonymous: setting(anonymous, 'Calls of one address without a credential.'),
  refused: setting(refused, 'Credentials of one address that turned out to be none.'),
});

function limitOf({
  per_minute: perMinute,
  per_day: perDay,
}: {
  per_minute: number;
  per_day: number | null;
}): LimitSetting {
  return { perMinute, perDay };
}

/** The budgets that a configuration gives. */
export function limitsOf(config: z.output<typeof LimitsConfig>): LimitSettings {
  const { read, write, stream, worker, auth, public: open, anonymous: nobody, refused: wrong } = config;
  return {
    classes: {
      read: limitOf(read),
      write: limitOf(write),
      stream: limitOf(stream),
      worker: limitOf(worker),
      auth: limitOf(auth),
    },
    public: { read: limitOf(open.read), write: limitOf(open.write), stream: limitOf(open.stream) },
    anonymous: limitOf(nobody),
    refused: limitOf(wrong),
  };
}

/** What a configuration says of browsers. */
export function webOf({ mode, origins }: z.output<typeof WebConfig>): WebSettings {
  return { mode, origins };
}
