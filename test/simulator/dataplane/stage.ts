// One load balancer of a simulated account with its data plane: listeners, target groups and rules are made through the
// API, requests go over real sockets.

import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { VirtualClock } from '../../../src/lib/virtual-clock.ts';
import { ControlPlane } from '../../../src/simulator/aws/control-plane.ts';
import { defaultWorld } from '../../../src/simulator/aws/default-world.ts';
import { instantKnobs } from '../../../src/simulator/aws/knobs.ts';
import { seedWorld } from '../../../src/simulator/aws/seed.ts';
import { type Backend, echo } from '../../../src/simulator/dataplane/backend.ts';
import { DataPlane } from '../../../src/simulator/dataplane/data-plane.ts';

export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** What the echo behind a target saw; `pod` is the target. */
  readonly echo: {
    readonly pod: string;
    readonly path: string;
    readonly query: string;
    readonly host: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** Common name of the certificate that was served. */
  readonly certificate: string | undefined;
};

export type Send = {
  readonly port?: number;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** TLS to this name; '' without one. */
  readonly serverName?: string;
};

export type Stage = {
  readonly plane: DataPlane;
  readonly control: ControlPlane;
  readonly loadBalancer: string;
  readonly id: (name: string) => string;
  /** Health by target id; healthy where nothing is said. */
  readonly health: Map<string, string>;
  /** Backends by target id; an echo where nothing is said. */
  readonly backends: Map<string, Backend | undefined>;
  /** Draws for the choice by weights. */
  readonly draw: { next: number };
  /** A target group with addresses outside the VPC, which no security group shuts off. */
  group(name: string, ...addresses: readonly string[]): Promise<string>;
  /** A listener, by default on port 80 with a 404. */
  listener(params?: Readonly<Record<string, unknown>>): Promise<string>;
  rule(
    listener: string,
    priority: number,
    content: Readonly<{ Conditions: object[]; Actions: object[]; Transforms?: object[] }>,
  ): Promise<string>;
  send(path: string, options?: Send): Promise<Answer>;
};

export const page = (code: string, MessageBody = ''): object => ({
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: code, ContentType: 'text/plain', MessageBody },
});
export const forward = (TargetGroupArn: string): object => ({ Type: 'forward', TargetGroupArn });
export const path = (...Values: readonly string[]): object => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
});

/** Runs `work` against a fresh account with one load balancer, and closes every listener. */
export async function withStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const control = new ControlPlane({
    clock: new VirtualClock(),
    knobs: instantKnobs,
    region: 'us-west-2',
    account: '123456789012',
  });
  const certificates = [['a.example.com'], ['*.example.com'], ['b.test']];
  const names = seedWorld(
    control.state,
    defaultWorld({ clusterName: 'test', certificates }),
    control.clock.now(),
  );
  const id = (name: string): string => names.get(name) ?? name;
  const call = async <T>(operation: string, params: object): Promise<T> =>
    (await control.call('elbv2', operation, params as Record<string, unknown>)) as T;
  const made = await call<{ LoadBalancers: { LoadBalancerArn: string }[] }>('CreateLoadBalancer', {
    Name: 'front',
    Subnets: ['a', 'b'].map((zone) => id(`subnet/public-${zone}`)),
  });
  const loadBalancer = made.LoadBalancers[0]?.LoadBalancerArn ?? '';
  const health: Stage['health'] = new Map();
  const backends: Stage['backends'] = new Map();
  const draw = { next: 0 };
  const plane = new DataPlane({
    state: control.state,
    healthOf: (_group, target) => health.get(target.id) ?? 'healthy',
    backendOf: (target) =>
      backends.has(target.id)
        ? backends.get(target.id)
        : echo({ namespace: 'test', service: 'test', pod: target.id }),
    random: () => draw.next,
  });
  try {
    await work({
      plane,
      control,
      loadBalancer,
      id,
      health,
      backends,
      draw,
      group: async (Name, ...addresses) => {
        const { TargetGroups } = await call<{ TargetGroups: { TargetGroupArn: string }[] }>(
          'CreateTargetGroup',
          { Name, TargetType: 'ip', Protocol: 'HTTP', Port: 8080, VpcId: id('vpc') },
        );
        const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
        const Targets = addresses.map((Id) => ({ Id, AvailabilityZone: 'all' }));
        if (Targets.length > 0) await call('RegisterTargets', { TargetGroupArn, Targets });
        return TargetGroupArn;
      },
      listener: async (params = {}) => {
        const { Listeners } = await call<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
          LoadBalancerArn: loadBalancer,
          Port: 80,
          Protocol: 'HTTP',
          DefaultActions: [page('404')],
          ...params,
        });
        await plane.sync();
        return Listeners[0]?.ListenerArn ?? '';
      },
      rule: async (ListenerArn, Priority, content) => {
        const params = { ListenerArn, Priority, ...content };
        const { Rules } = await call<{ Rules: { RuleArn: string }[] }>('CreateRule', params);
        return Rules[0]?.RuleArn ?? '';
      },
      send: (url, options) => send(plane, url, options),
    });
  } finally {
    await plane.close();
  }
}

function send(plane: DataPlane, url: string, options: Send = {}): Promise<Answer> {
  const { port = 80, method = 'GET', headers = {}, body = '', serverName } = options;
  const listener = plane.listeners().find((open) => open.port === port);
  if (listener === undefined) return Promise.reject(new Error(`nothing listens on ${port}`));
  const where = { host: '127.0.0.1', port: listener.localPort, method, path: url, agent: false as const };
  const to = { ...where, headers: { host: 'a.example.com', ...headers } };
  return new Promise((resolve, reject) => {
    const outgoing =
      listener.protocol === 'HTTPS'
        ? httpsRequest({ ...to, servername: serverName ?? 'a.example.com', rejectUnauthorized: false })
        : httpRequest(to);
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const certificate =
        listener.protocol === 'HTTPS'
          ? String((response.socket as TLSSocket).getPeerCertificate().subject.CN)
          : undefined;
      text(response).then((content) => {
        const { statusCode: status = 0, headers: got } = response;
        const echoed = status === 200 && content.startsWith('{') ? JSON.parse(content) : {};
        resolve({ status, headers: got, body: content, echo: echoed as Answer['echo'], certificate });
      }, reject);
    });
    outgoing.end(body);
  });
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
