/**
 * What the API server's refusal means for us. `conflict` also covers AlreadyExists (see `reason`); `gone` is an expired
 * resource version or continue token; `unreachable` is a connection that was not made or broke.
 */
export type KubeErrorKind =
  | 'notFound'
  | 'conflict'
  | 'forbidden'
  | 'unauthorized'
  | 'gone'
  | 'invalid'
  | 'throttled'
  | 'unavailable'
  | 'unreachable';

/** A call to the Kubernetes API that failed. The message says what was tried, why it failed and, where we know, what to do. */
export class KubeError extends Error {
  readonly kind: KubeErrorKind;
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** The server's own word, such as `AlreadyExists`; '' when it gave none. */
  readonly reason: string;
  /** "list Ingresses", "patch the status of Ingress shop/web". */
  readonly operation: string;
  readonly retryAfterMs: number | undefined;

  constructor(input: {
    readonly kind: KubeErrorKind;
    readonly operation: string;
    readonly message: string;
    readonly status?: number | undefined;
    readonly reason?: string;
    readonly retryAfterMs?: number | undefined;
    readonly cause?: unknown;
  }) {
    super(`${input.operation}: ${input.message}`, { cause: input.cause });
    this.name = 'KubeError';
    this.kind = input.kind;
    this.operation = input.operation;
    this.status = input.status;
    this.reason = input.reason ?? '';
    this.retryAfterMs = input.retryAfterMs;
  }
}

/** A `metav1.Status`, which is what the server sends for every failure, over HTTP or inside a watch. */
type Status = { readonly code: number; readonly reason: string; readonly message: string };

const kindOfStatus: Readonly<Record<number, KubeErrorKind>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'invalid',
  409: 'conflict',
  410: 'gone',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'throttled',
};

/** The error for an HTTP status and its body; `body` is whatever came, parsed when it was JSON. */
export function errorOfAnswer(answer: {
  readonly operation: string;
  readonly server: string;
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterMs?: number | undefined;
}): KubeError {
  const status = statusOf(answer.body, answer.status);
  const kind = kindOfStatus[status.code] ?? 'unavailable';
  const { operation, retryAfterMs } = answer;
  return new KubeError({
    kind,
    operation,
    message: explained(kind, status, answer.server),
    status: status.code,
    reason: status.reason,
    retryAfterMs,
  });
}

function explained(kind: KubeErrorKind, status: Status, server: string): string {
  switch (kind) {
    case 'unauthorized':
      return (
        `the API server at ${server} refuses our credentials (401), also after reading them anew; the token has ` +
        'expired or was revoked: log in again, or check the ServiceAccount of the controller'
      );
    case 'forbidden':
      return `${status.message}; compare the ClusterRole and Role in deploy/base with those in the cluster`;
    case 'unavailable':
      return `the API server at ${server} answered ${status.code}: ${status.message}`;
    default:
      return status.message;
  }
}

/** Bodies of proxies and load balancers are not ours to print in full. */
const longestMessage = 300;

function statusOf(body: unknown, code: number): Status {
  const object: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const message =
    text(object['message']) || text(body).trim().slice(0, longestMessage) || `HTTP status ${code}`;
  const ownCode = object['code'];
  return { code: typeof ownCode === 'number' ? ownCode : code, reason: text(object['reason']), message };
}

/** The error for a connection that was not made, broke or stayed silent. */
export function errorOfConnection(operation: string, server: string, cause: unknown): KubeError {
  return new KubeError({
    kind: 'unreachable',
    operation,
    message: `cannot reach the API server at ${server}: ${connectionTrouble(cause)}`,
    cause,
  });
}

const trouble: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'the connection was refused; check that the cluster runs and that the kubeconfig names the right server',
  ENOTFOUND: 'the name is unknown; check the server in the kubeconfig and the DNS',
  EAI_AGAIN: 'the name cannot be looked up now; check the DNS',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time; check the network between here and there',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped in the middle',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name; check the server or tls-server-name in the kubeconfig',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is not signed by the certificate-authority of the kubeconfig',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

function connectionTrouble(cause: unknown): string {
  // A host with several addresses fails with one error for each.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (!(first instanceof Error)) return String(first);
  const code = 'code' in first ? String(first.code) : '';
  const known = trouble[code];
  if (known !== undefined) return `${known} (${first.message || code})`;
  return first.message || code || first.name;
}
