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

/** The host without its port, in lower case: hosts match without regard to case. */
export function hostName({ host }: Pick<AlbRequest, 'host'>): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
