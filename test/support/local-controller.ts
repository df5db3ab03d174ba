import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { parseAllDocuments } from 'yaml';
import { endpointsAt } from '../../src/sandbox/controller-flags.ts';
import { type InProcessController, startInProcess } from '../../src/sandbox/in-process-controller.ts';
import { type LocalWorld, startLocalWorld } from '../../src/sandbox/local-world.ts';
import { type KnobSettings, instantKnobs } from '../../src/simulator/aws/knobs.ts';
import type { KubeObject } from '../../src/simulator/kube/object.ts';
import { createLog } from '../../src/telemetry/log.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The echo's own words, where an echo answered. */
  readonly echo:
    | {
        readonly namespace: string;
        readonly service: string;
        readonly pod: string;
        readonly path: string;
        readonly host: string;
        readonly method: string;
        readonly headers: Record<string, string>;
      }
    | undefined;
};

export type LocalController = {
  readonly world: LocalWorld;
  readonly controller: InProcessController;
  /** Applies YAML documents, all at once, and waits until the controller is at rest. */
  apply(yaml: string): Promise<void>;
  remove(yaml: string): Promise<void>;
  rest(): Promise<void>;
  /** A request to the listener with this port of the load balancer whose name contains `loadBalancer`. */
  request(
    url: string,
    options?: {
      readonly method?: string;
      readonly headers?: Record<string, string>;
      readonly loadBalancer?: string;
    },
  ): Promise<Answer>;
  /** Events of an object as `Reason: message`, oldest first. */
  events(kind: string, name: string): readonly string[];
  ingress(namespace: string, name: string): KubeObject | undefined;
  /** Names of the writes to AWS since the last call of this function. */
  writes(): readonly string[];
  /** Ends the controller and starts another one against the same AWS and the same cluster. */
  restart(options?: StartOptions): Promise<void>;
};

export type StartOptions = {
  readonly flags?: Readonly<Record<string, string>>;
  readonly kubeconfig?: string;
};

export type LocalControllerOptions = {
  readonly flags?: Readonly<Record<string, string>>;
  readonly hosts?: readonly string[];
  readonly knobs?: KnobSettings;
  /** Applied before the controller starts. */
  readonly before?: string;
  /** Done before the controller starts, after `before` was applied. */
  readonly prepare?: (world: LocalWorld) => void;
  readonly kubeconfig?: string;
};

const classYaml = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: albatross.dev/alb}
`;

/** Runs `work` with the whole controller against the local AWS and the local Kubernetes API, over real HTTP, and cleans up. */
export async function withController(
  options: LocalControllerOptions,
  work: (local: LocalController) => Promise<void>,
): Promise<void> {
  const world = await startLocalWorld({
    clusterName: 'test',
    region: 'us-west-2',
    hosts: options.hosts ?? [],
    knobs: { ...instantKnobs, ...options.knobs },
  });
  let local: LocalController | undefined;
  try {
    world.kube.store.apply(documents(classYaml));
    const refused = world.kube.store.apply(documents(options.before ?? ''));
    if (refused.length > 0) throw new Error(JSON.stringify(refused));
    options.prepare?.(world);
    local = localController(world, await startController(world, options));
    await work(local);
  } finally {
    await local?.controller.stop();
    await world.close();
  }
}

/** Starts a controller of its own against a world that runs. */
export function startController(
  world: LocalWorld,
  { flags, kubeconfig = world.kube.kubeconfig() }: StartOptions = {},
): Promise<InProcessController> {
  return startInProcess({
    flags: new Map(
      Object.entries({
        'cluster-name': 'test',
        'aws-region': 'us-west-2',
        'aws-vpc-id': world.id('vpc'),
        'aws-api-endpoints': endpointsAt(world.aws.url),
        ...flags,
      }),
    ),
    kubeconfig,
    log: createLog(process.env['TEST_LOG'] === '1' ? 'debug' : 'silent'),
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' },
  });
}

function localController(world: LocalWorld, first: InProcessController): LocalController {
  let controller = first;
  let mark = 0;
  const rest = async () => {
    await controller.rest();
    await world.dataPlane.sync();
  };
  return {
    world,
    get controller() {
      return controller;
    },
    rest,
    restart: async (options) => {
      await controller.stop();
      controller = await startController(world, options);
    },
    apply: async (yaml) => {
      const refused = world.kube.store.apply(documents(yaml));
      if (refused.length > 0) throw new Error(JSON.stringify(refused));
      await rest();
    },
    remove: async (yaml) => {
      world.kube.store.remove(documents(yaml));
      await rest();
    },
    request: (url, request = {}) => send(world, url, request),
    events: (kind, name) =>
      (world.kube.store.list('v1', 'Event') as unknown as readonly EventObject[])
        .filter(
          (event) =>
            event.involvedObject?.kind === kind &&
            `${event.involvedObject.namespace}/${event.involvedObject.name}` === name,
        )
        .map((event) => `${event.reason}: ${event.message}`),
    ingress: (namespace, name) =>
      world.kube.store.get({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace, name }),
    writes: () => {
      const found = world.aws.trace.writes(mark);
      mark = world.aws.trace.mark;
      return found.map((entry) => entry.operation);
    },
  };
}

type EventObject = {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject?: { readonly kind: string; readonly namespace: string; readonly name: string };
};

export function documents(yaml: string): readonly object[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as object | null)
    .filter((object) => object !== null);
}

export function send(
  world: Pick<LocalWorld, 'dataPlane'>,
  url: string,
  {
    method = 'GET',
    headers = {},
    loadBalancer = '',
  }: { readonly method?: string; readonly headers?: Record<string, string>; readonly loadBalancer?: string },
): Promise<Answer> {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const isTls = protocol === 'https:';
  const wanted = Number(port === '' ? (isTls ? 443 : 80) : port);
  const listener = world.dataPlane
    .listeners()
    .find((open) => open.port === wanted && open.loadBalancerName.includes(loadBalancer));
  if (listener === undefined)
    return Promise.reject(new Error(`no load balancer ${loadBalancer} listens on ${wanted}`));
  const path = `${pathname}${search}`;
  const options = {
    host: '127.0.0.1',
    port: listener.localPort,
    method,
    path,
    headers: { host: hostname, ...headers },
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const outgoing = isTls
      ? httpsRequest({ ...options, servername: hostname, rejectUnauthorized: false })
      : httpRequest(options);
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, echo: echoOf(body) });
      });
    });
    outgoing.end();
  });
}

function echoOf(body: string): Answer['echo'] {
  try {
    return JSON.parse(body) as Answer['echo'];
  } catch {
    return undefined;
  }
}
