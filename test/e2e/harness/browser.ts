import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';

/** An answer as a browser's page sees it, and the cookies that the page does not see. */
export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** What a page asks. */
export interface BrowserRequest {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answered extends BrowserAnswer {
  readonly setCookies: readonly string[];
}

function ask(
  base: string,
  address: string,
  { method = 'GET', path, body, headers = {} }: BrowserRequest,
): Promise<Answered> {
  const { hostname, port } = new URL(base);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: hostname,
        port,
        method,
        path,
        localAddress: address,
        agent: false,
        headers: { ...headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
      },
      async (response) => {
        const answer = await text(response);
        const json = response.headers['content-type']?.includes('json') === true;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          setCookies: response.headers['set-cookie'] ?? [],
          body: json ? JSON.parse(answer) : answer,
        });
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}

/**
 * A browser on a page of the server itself: keeps cookies, says its Origin, sends the CSRF token of its session with what
 * changes something. It comes from an address of loopback's own network, so that a test can be at several places.
 */
export class Browser {
  readonly #base: string;
  readonly #address: string;
  readonly cookies = new Map<string, string>();
  constructor(base: string, address = '127.0.0.1') {
    this.#base = base;
    this.#address = address;
  }

  /** The session's secret; empty without one. */
  get session(): string {
    return this.cookies.get('__Host-countersign') ?? '';
  }

  /** Sends what it is told to, with cookies and Origin; nothing else is added. */
  async raw(request: BrowserRequest): Promise<BrowserAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask(this.#base, this.#address, {
      ...request,
      headers: { ...(cookie === '' ? {} : { cookie }), origin: new URL(this.#base).origin, ...request.headers },
    });
    for (const line of answer.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0\b/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  get(path: string): Promise<BrowserAnswer> {
    return this.raw({ path });
  }

  async send(method: string, path: string, body?: unknown): Promise<BrowserAnswer> {
    const headers = this.session === '' ? {} : { 'x-csrf-token': await this.#csrf() };
    return await this.raw({ method, path, headers, ...(body === undefined ? {} : { body }) });
  }

  post(path: string, body: unknown = {}): Promise<BrowserAnswer> {
    return this.send('POST', path, body);
  }

  async #csrf(): Promise<string> {
    const { body } = await this.raw({ path: '/v1/auth/csrf/bootstrap' });
    return String(Object(body).csrf_token ?? '');
  }
}
