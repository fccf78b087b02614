/** How a request is handed to the library: as one to the address at which it expects it, with what it should see. */
import type Provider from 'oidc-provider';
import type { RequestContextOf } from '../context.ts';

export interface BridgedRequest {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  /** As the library knows it: one of its routes. */
  readonly path: string;
  readonly query?: string;
  /** The body in urlencoded form; without, there is none. */
  readonly form?: string;
  /** Headers that it is not to see. */
  readonly without?: readonly string[];
}

const urlencoded = 'application/x-www-form-urlencoded';
const noNext = async (): Promise<void> => undefined;

/**
 * Has the library answer on the same context. It sees the request's headers but for what is said here, and the
 * scheme of the issuer, never that of a header; cookies are signed with the issuer's own keys.
 */
export async function throughLibrary(
  provider: Provider,
  ctx: RequestContextOf,
  bridged: BridgedRequest,
  origin: string,
): Promise<void> {
  const { req } = ctx;
  const seen = requestSeen(req, bridged);
  const secure = origin.startsWith('https:');
  ctx.req = seen;
  ctx.request.req = seen;
  Object.defineProperty(ctx.request, 'protocol', { value: secure ? 'https' : 'http', configurable: true });
  const { cookies } = provider.createContext(seen, ctx.res);
  cookies.secure = secure;
  ctx.cookies = cookies;
  try {
    for (const middleware of provider.middleware) await middleware(ctx, noNext);
  } finally {
    ctx.req = req;
    ctx.request.req = req;
  }
}

/** Browsers may ask for pages without sending what they prefer; the library then answers in JSON, to be rendered. */
function requestSeen(
  req: RequestContextOf['req'],
  { method, path, query, form, without = [] }: BridgedRequest,
) {
  const body = form === undefined ? undefined : Buffer.from(form);
  const dropped = ['content-type', 'content-length', 'transfer-encoding', 'accept', ...without];
  const headers = Object.fromEntries(Object.entries(req.headers).filter(([name]) => !dropped.includes(name)));
  const own = {
    headers: {
      ...headers,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': urlencoded, 'content-length': String(body.length) }),
    },
    method,
    url: query === undefined || query === '' ? path : `${path}?${query}`,
    readable: body !== undefined,
    readableEncoding: null,
    iterator: async function* () {
      if (body !== undefined) yield body;
    },
  };
  const members = Object.entries(own).map(([name, value]) => [
    name,
    { value, writable: true, configurable: true },
  ]);
  return Object.create(req, Object.fromEntries(members) as PropertyDescriptorMap) as RequestContextOf['req'];
}
