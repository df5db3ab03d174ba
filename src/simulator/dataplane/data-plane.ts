// Opens every listener of the simulated load balancers on a loopback port and answers real HTTP and HTTPS there, by the
// rules that the account has at that moment. Knows nothing of who wrote them.

import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { AwsState, Listener } from '../aws/state.ts';
import { type AnswerContext, answer } from './answer.ts';
import type { Backend } from './backend.ts';
import { type HealthOf, TargetChoice } from './target-choice.ts';
import { listenerBehind, type TcpServer, tcpServer } from './tcp.ts';

export type OpenListener = {
  readonly listenerArn: string;
  readonly loadBalancerName: string;
  readonly dnsName: string;
  /** What is spoken there: through a network load balancer that of the listener behind it. */
  readonly protocol: 'HTTP' | 'HTTPS';
  /** The port that the listener has in AWS. */
  readonly port: number;
  /** The loopback port that stands for it. */
  readonly localPort: number;
};

export type DataPlaneOptions = {
  readonly state: AwsState;
  readonly healthOf: HealthOf;
  readonly backendOf: (target: { readonly id: string; readonly port: number }) => Backend | undefined;
  readonly random?: () => number;
};

type AnyServer = Server | HttpsServer | TcpServer;
type Opened = {
  readonly server: AnyServer;
  readonly open: Omit<OpenListener, 'protocol'> & { readonly protocol: Listener['protocol'] };
};

export class DataPlane {
  readonly #state: AwsState;
  readonly #context: AnswerContext;
  readonly #opened = new Map<string, Opened>();
  /** Ports that were given before: a listener that comes back (and its URL in somebody's browser) gets the same one. */
  readonly #ports = new Map<string, number>();
  #syncing: Promise<void> = Promise.resolve();

  constructor({ state, healthOf, backendOf, random = Math.random }: DataPlaneOptions) {
    this.#state = state;
    this.#context = { state, backendOf, random, targets: new TargetChoice(healthOf) };
  }

  /** Opens what is new and closes what is gone. Safe to call at every change; calls run one after the other. */
  sync(): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#openAndClose());
    return this.#syncing;
  }

  /** Every open listener that leads somewhere, by load balancer and port. */
  listeners(): readonly OpenListener[] {
    return [...this.#opened.values()]
      .flatMap(({ open }): readonly OpenListener[] => {
        const { protocol, listenerArn } = open;
        if (protocol !== 'TCP') return [{ ...open, protocol }];
        const behind = listenerBehind({ arn: listenerArn }, this.#state)?.protocol;
        return behind === undefined || behind === 'TCP' ? [] : [{ ...open, protocol: behind }];
      })
      .toSorted((a, b) => a.loadBalancerName.localeCompare(b.loadBalancerName) || a.port - b.port);
  }

  async close(): Promise<void> {
    await this.#syncing;
    for (const { server } of this.#opened.values()) await closed(server);
    this.#opened.clear();
  }

  async #openAndClose(): Promise<void> {
    for (const [arn, { server, open }] of this.#opened) {
      const listener = this.#state.listeners.get(arn);
      if (listener?.protocol === open.protocol && listener.port === open.port) {
        this.#serveDefaultCertificate(server, listener);
        continue;
      }
      this.#opened.delete(arn);
      await closed(server);
    }
    for (const listener of this.#state.listeners.values()) {
      if (!this.#opened.has(listener.arn)) await this.#open(listener);
    }
  }

  /** As any load balancer, a network one sends nothing to a target that is not in service yet. */
  #portBehind(listener: Listener): number | undefined {
    const { targets } = this.#context;
    const behind = listenerBehind(listener, this.#state, (group) => targets.choose(group, undefined));
    return this.#opened.get(behind?.arn ?? '')?.open.localPort;
  }

  async #open(listener: Listener): Promise<void> {
    const loadBalancer = this.#state.loadBalancers.get(listener.loadBalancerArn);
    const { arn, port, protocol } = listener;
    if (loadBalancer === undefined) return;
    const handle: Parameters<typeof createHttpServer>[1] = (request, response) =>
      answer(this.#context, arn, request, response);
    const server: AnyServer =
      protocol === 'TCP'
        ? tcpServer(() => this.#portBehind(listener))
        : protocol === 'HTTPS'
          ? createHttpsServer(
              {
                keepAliveTimeout: idleTimeoutMs,
                SNICallback: (name, done) => done(null, this.#secureContext(arn, name)),
              },
              handle,
            )
          : createHttpServer({ keepAliveTimeout: idleTimeoutMs }, handle);
    this.#serveDefaultCertificate(server, listener);
    const key = `${loadBalancer.name}:${port}`;
    const localPort = await listening(server, this.#ports.get(key) ?? 0);
    this.#ports.set(key, localPort);
    this.#opened.set(arn, {
      server,
      open: {
        listenerArn: arn,
        loadBalancerName: loadBalancer.name,
        dnsName: loadBalancer.dnsName,
        protocol,
        port,
        localPort,
      },
    });
  }

  /** A client without SNI gets the default certificate, as at an ALB. Called at every change, for it may be another one. */
  #serveDefaultCertificate(server: AnyServer, { defaultCertificateArn }: Listener): void {
    const certificate = this.#state.certificates.get(defaultCertificateArn ?? '');
    if (certificate !== undefined && 'setSecureContext' in server)
      server.setSecureContext({ cert: certificate.certificatePem, key: certificate.privateKeyPem });
  }

  /** The best match among the listener's certificates: exact name, then wildcard, then the default one. */
  #secureContext(listenerArn: string, name: string): SecureContext {
    const listener = this.#state.listeners.get(listenerArn);
    const arns = [listener?.defaultCertificateArn ?? '', ...(listener?.extraCertificateArns ?? [])];
    const certificates = arns.flatMap((arn) => this.#state.certificates.get(arn) ?? []);
    const wildcard = name.replace(/^[^.]+/, '*');
    const best =
      certificates.find((certificate) => certificate.names.includes(name)) ??
      certificates.find((certificate) => certificate.names.includes(wildcard)) ??
      certificates[0];
    return createSecureContext(
      best === undefined ? {} : { cert: best.certificatePem, key: best.privateKeyPem },
    );
  }
}

/** AWS's default of idle_timeout.timeout_seconds; Node's 5 s break connections under clients that pause. */
const idleTimeoutMs = 60_000;

function listening(server: AnyServer, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      // The port that the listener had before was taken meanwhile.
      if (error.code === 'EADDRINUSE' && port !== 0) listening(server, 0).then(resolve, reject);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closed(server: AnyServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
