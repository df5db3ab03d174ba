/**
 * The simulated AWS: an HTTP server on 127.0.0.1 that speaks the AWS wire protocols, for the real SDK clients, the aws CLI,
 * Terraform and other controllers. Point a client at `url` with any credentials; services are told apart by what a request
 * is signed for. `elbv2`, `ec2`, `acm` and `route53` are complete as far as a controller of load balancers goes; `cloudwatch` (dashboards),
 * `sts`, `cloudtrail`, `wafv2`, `waf-regional`, `shield`, tagging and service quotas give small answers. Not there: network load balancers (their target groups are),
 * peering, IPAM, Outposts, stale answers to reads after a change other than a creation or a tag.
 *
 *   startAwsSimulator(options) → AwsSimulator { url, state, names, clock, knobs, faults, trace, call, onChange, forceHealth, close }
 *   state.ts          the account as plain data, for readers
 *   seed.ts           seedWorld(state, world), defaultWorld(options): networks, nodes, certificates
 *   knobs.ts          every figure; instantKnobs turns all delays off
 *   faults.ts         FaultPlan.add({ operation, nth, action })
 *   trace.ts          Trace.entries / counts / writes({ since })
 *   elbv2/target-health.ts   targetHealth(group, target, context): the state of a target now
 *   in-process.ts     inProcessHandler(controlPlane): a request handler for SDK clients that needs no socket
 *   ids.ts            wish(state.ids, 'subnet', id): the id of the next resource of a kind
 *   control-api.ts    the same from outside, as JSON under /_albatross/
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { awsAnswer } from './answer.ts';
import { controlAnswer } from './control-api.ts';
import { ControlPlane, type Change, type ControlPlaneOptions } from './control-plane.ts';
import type { FaultPlan } from './faults.ts';
import { forceHealth, type ForcedHealth } from './health.ts';
import type { Knobs } from './knobs.ts';
import { seedWorld, type World } from './seed.ts';
import type { AwsState } from './state.ts';
import type { Trace } from './trace.ts';

export type AwsSimulatorOptions = Omit<ControlPlaneOptions, 'clock'> & {
  readonly clock?: Clock;
  /** 0, the default, takes a free port. */
  readonly port?: number;
  /** What the account holds at the start; its region and account win. */
  readonly world?: World;
};

export type AwsSimulator = {
  /** The endpoint for clients, without a slash at the end. */
  readonly url: string;
  readonly state: AwsState;
  /** Id or ARN by placeholder name of the seeded world, such as `subnet/public-a`. */
  readonly names: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly knobs: Knobs;
  readonly faults: FaultPlan;
  readonly trace: Trace;
  readonly controlPlane: ControlPlane;
  readonly call: ControlPlane['call'];
  onChange(listener: (change: Change) => void): () => void;
  /** Makes a target fail or pass its health checks from now on. */
  forceHealth(health: ForcedHealth): void;
  close(): Promise<void>;
};

/** Starts a simulator; it serves until `close`. */
export async function startAwsSimulator(options: AwsSimulatorOptions = {}): Promise<AwsSimulator> {
  const { clock = systemClock, world, port = 0 } = options;
  const place = world === undefined ? {} : { region: world.region, account: world.account };
  const controlPlane = new ControlPlane({ ...options, ...place, clock });
  const names =
    world === undefined ? new Map<string, string>() : seedWorld(controlPlane.state, world, clock.now());
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    // A request that breaks off, or a mistake of ours, ends its connection only.
    serve(controlPlane, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { state, knobs, faults, trace } = controlPlane;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    names,
    clock,
    knobs,
    faults,
    trace,
    controlPlane,
    call: (service, operation, params, callOptions) =>
      controlPlane.call(service, operation, params, callOptions),
    onChange: (listener) => controlPlane.onChange(listener),
    forceHealth: (health) => forceHealth(controlPlane, health),
    close: () => closeServer(server),
  };
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });

async function serve(
  controlPlane: ControlPlane,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  const { method = 'GET', url: path = '/' } = request;
  const answer = path.startsWith('/_albatross/')
    ? await controlAnswer(controlPlane, { method, path, body })
    : await awsAnswer(controlPlane, { method, path, headers: request.headers, body });
  // An answer that is lost looks to the client like a connection that broke.
  if (answer === undefined) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
  });
  response.end(answer.body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8');
}
