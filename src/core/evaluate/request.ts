/** A request as a listener's rules see it. */
export type AlbRequest = {
  /** Host header, with or without a port. */
  readonly host: string;
  /** After URI normalisation, with its leading slash. */
  readonly path: string;
  /** Raw, without the question mark; '' when there is none. */
  readonly query: string;
  readonly method: string;
  /** By name in any case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Address of the peer; ALB does not look at X-Forwarded-For. */
  readonly sourceIp: string;
};

/** A request with the listener that it goes to. */
export type WebRequest = AlbRequest & { readonly protocol: 'HTTP' | 'HTTPS'; readonly port: number };

/** The request for a URL; a Host header among `headers` stands in for the URL's host. */
export function webRequest(
  url: URL,
  { method, headers, sourceIp }: Pick<AlbRequest, 'method' | 'headers' | 'sourceIp'>,
): WebRequest {
  const protocol = url.protocol === 'https:' ? 'HTTPS' : 'HTTP';
  const host = Object.entries(headers).find(([name]) => name.toLowerCase() === 'host')?.[1];
  return {
    protocol,
    port: url.port === '' ? { HTTP: 80, HTTPS: 443 }[protocol] : Number(url.port),
    host: host ?? url.host,
    path: url.pathname,
    query: url.search.slice(1),
    method,
    headers,
    sourceIp,
  };
}

/** The host without its port, in lower case: hosts match without regard to case. */
export function hostName({ host }: Pick<AlbRequest, 'host'>): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
