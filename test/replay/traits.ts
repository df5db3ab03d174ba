// What a case is about, read from its manifests and the calls of somebody else: where a difference without the preset has no
// mark of its own, the subject of docs/compatibility.md that such a case may differ in.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { OutsideCall, RecordedCase } from './cases.ts';
import type { JsonObject } from './json.ts';

type KubeObject = {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
};
type Step = { readonly deletes: boolean; readonly objects: readonly KubeObject[] };
type Contents = {
  readonly steps: readonly Step[];
  readonly objects: readonly KubeObject[];
  readonly calls: readonly string[];
  /** Whether somebody changes AWS between two steps. */
  readonly isEditedByHand: boolean;
  /** All that was recorded, as text. */
  readonly recorded: string;
};

const prefix = 'alb.ingress.kubernetes.io/';
const annotation = (object: KubeObject, key: string): string | undefined =>
  object.metadata.annotations?.[prefix + key];
const says = (object: KubeObject, key: string, value: RegExp): boolean =>
  value.test(annotation(object, key) ?? '\0');
const text = (value: unknown): string => JSON.stringify(value ?? null);
const idOf = ({ kind, metadata: { namespace = '', name } }: KubeObject): string =>
  `${kind} ${namespace}/${name}`;

/** What is registered, and what is opened towards it. */
const targets = /^aws(\.targetGroups|\.securityGroups|\.[^.]*\.targets|$)/;

/** In the order in which they are asked; `path`: of the differences that they explain, without the step's file. */
const traits: readonly {
  readonly subject: string;
  readonly path?: RegExp;
  readonly isIn: (contents: Contents) => boolean;
}[] = [
  {
    subject: 'Class annotation',
    isIn: ({ objects }) =>
      objects.some(({ metadata }) => metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined),
  },
  {
    subject: 'Rules and listeners made by hand',
    path: /loadBalancers|status/,
    isIn: ({ calls }) => calls.some((operation) => /^Create(Rule|Listener)$/.test(operation)),
  },
  {
    subject: 'What AWS describes seconds after a write',
    path: /^aws/,
    isIn: ({ isEditedByHand }) => isEditedByHand,
  },
  {
    subject: '`wafv2-acl-arn` with an empty value',
    path: /webAcl$/,
    isIn: ({ objects }) => objects.some((object) => annotation(object, 'wafv2-acl-arn') === ''),
  },
  {
    subject: 'Target groups that speak HTTP/2 or gRPC behind an HTTP listener',
    isIn: ({ objects }) =>
      objects.some((object) => says(object, 'backend-protocol-version', /^(HTTP2|GRPC)$/)),
  },
  {
    subject: 'Deletion protection',
    path: /^(aws|kubernetes)$|deletion_protection|(loadBalancers|securityGroups|targetGroups|ingresses)\.[^.]+$/,
    isIn: ({ objects }) => text(objects).includes('deletion_protection.enabled'),
  },
  {
    subject: 'Change of `group.name`',
    path: /^(aws|kubernetes)(\.(loadBalancers|securityGroups|targetGroups|ingresses)\b.*)?$/,
    isIn: (contents) =>
      changes(contents, 'Ingress', (one) => [
        annotation(one, 'group.name'),
        one.spec?.['ingressClassName'],
      ]) || changes(contents, 'IngressClassParams', ({ spec }) => spec?.['group']),
  },
  {
    subject: 'Change of `scheme`',
    isIn: (contents) =>
      changes(contents, 'Ingress', (one) => annotation(one, 'scheme')) ||
      changes(contents, 'IngressClassParams', ({ spec }) => spec?.['scheme']),
  },
  {
    subject: 'Change of `frontend-nlb-scheme`',
    isIn: (contents) => changes(contents, 'Ingress', (one) => annotation(one, 'frontend-nlb-scheme')),
  },
  {
    subject: 'Nodes and pods whose security group cannot be told',
    isIn: ({ recorded }) => /expected exactly one securityGroup/.test(recorded),
  },
  {
    subject: 'Pods that are not ready, with all containers ready',
    path: targets,
    isIn: ({ objects }) =>
      objects.some(
        ({ kind, status }) =>
          kind === 'Pod' &&
          hasCondition(status, 'ContainersReady', 'True') &&
          !hasCondition(status, 'Ready', 'True'),
      ),
  },
  {
    subject: 'Pods that are all not ready at once',
    path: targets,
    isIn: (contents) =>
      changes(contents, 'EndpointSlice', (one) => one) || changes(contents, 'Pod', (one) => one),
  },
  {
    subject: 'Nodes that stop reporting',
    path: targets,
    isIn: ({ objects }) =>
      objects.some(({ kind, status }) => kind === 'Node' && hasCondition(status, 'Ready', 'Unknown')),
  },
  {
    subject: 'Nodes that are not ready, or about to be removed, all at once',
    path: targets,
    isIn: ({ objects }) => objects.some(({ kind }) => kind === 'Node'),
  },
  {
    subject: 'The Service of a TargetGroupBinding, or its port, is gone',
    isIn: (contents) => isBound(contents) && (losesPort(contents) || hasChangedPort(contents)),
  },
  {
    subject: 'What only the webhook of TargetGroupBindings checks',
    isIn: isBound,
  },
  {
    subject: 'Targets whose Service port is gone',
    path: targets,
    isIn: losesPort,
  },
  {
    subject: 'After AWS has turned something down',
    isIn: ({ recorded }) => recorded.includes('FailedDeployModel'),
  },
  {
    subject: 'Two rules with the same host and path',
    path: /^aws\.(targetGroups|securityGroups|loadBalancers)/,
    isIn: repeatsPath,
  },
];

/** Which of the subjects may stand behind a difference of a case that nothing else explains. */
export function explained(recorded: RecordedCase): (path: string) => string | undefined {
  const contents = contentsOf(recorded);
  const found = traits.filter(({ isIn }) => isIn(contents));
  return (path) => found.find((trait) => trait.path?.test(path) ?? true)?.subject;
}

function contentsOf({ folder, files, world, expected }: RecordedCase): Contents {
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const steps = files
    .filter((file) => !file.endsWith('.json'))
    .map((file) => ({
      deletes: file.includes('-delete'),
      objects: parseAllDocuments(read(file))
        .map((document) => document.toJS() as KubeObject | null)
        .filter((object) => object !== null),
    }));
  const outside = files
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(read(file)) as readonly OutsideCall[]);
  return {
    steps,
    objects: steps.flatMap(({ objects }) => objects),
    calls: [...world.aws, ...outside].map(({ operation }) => operation),
    isEditedByHand: outside.length > 0,
    recorded: text([...expected.values()]),
  };
}

/** Whether an object of a kind is another one in a later step, as far as `part` of it goes. */
function changes({ steps }: Contents, kind: string, part: (object: KubeObject) => unknown): boolean {
  const before = new Map<string, string>();
  return steps
    .flatMap(({ deletes, objects }) => (deletes ? [] : objects))
    .filter((object) => object.kind === kind)
    .some((object) => {
      const known = before.get(idOf(object));
      before.set(idOf(object), text(part(object)));
      return known !== undefined && known !== text(part(object));
    });
}

function isBound({ objects }: Contents): boolean {
  return objects.some(({ kind }) => kind === 'TargetGroupBinding');
}

function losesPort(contents: Contents): boolean {
  return (
    contents.steps.some(
      ({ deletes, objects }) => deletes && objects.some(({ kind }) => kind === 'Service'),
    ) || changes(contents, 'Service', ({ spec }) => spec?.['ports'])
  );
}

const hasChangedPort = (contents: Contents): boolean =>
  changes(contents, 'TargetGroupBinding', ({ spec }) => spec?.['serviceRef']);

function hasCondition(status: JsonObject | undefined, type: string, value: string): boolean {
  const conditions = (status?.['conditions'] ?? []) as readonly JsonObject[];
  return conditions.some((condition) => condition['type'] === type && condition['status'] === value);
}

/** Two paths of a group that are the same, be they of one Ingress or of two. */
function repeatsPath({ steps }: Contents): boolean {
  const latest = new Map<string, KubeObject>();
  return steps.some(({ deletes, objects }) => {
    for (const object of objects.filter(({ kind }) => kind === 'Ingress')) {
      if (deletes) latest.delete(idOf(object));
      else latest.set(idOf(object), object);
    }
    const all = [...latest.values()].flatMap(pathsOf);
    return new Set(all).size < all.length;
  });
}

/** Which classes share a group is not looked up: all Ingresses without a group of their own count as one. */
function pathsOf(ingress: KubeObject): readonly string[] {
  const rules = (ingress.spec?.['rules'] ?? []) as readonly {
    readonly host?: string;
    readonly http?: { readonly paths: readonly { readonly path?: string; readonly pathType: string }[] };
  }[];
  const group = annotation(ingress, 'group.name') ?? '';
  return rules.flatMap(({ host = '', http }) =>
    (http?.paths ?? []).map(({ path = '', pathType }) => [group, host, path, pathType].join(' ')),
  );
}
