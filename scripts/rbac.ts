// The permissions that deploy/ ships, generated from the table of calls that the controller makes.

import { stringify } from 'yaml';
import { options } from '../src/config/options.ts';
import { type ApiCall, apiCalls } from '../src/kube/api-calls.ts';

/** What the names in the manifests are; the chart puts templates in their place. */
export type Naming = {
  readonly name: string;
  readonly serviceAccount: string;
  readonly namespace: string;
  readonly labels: unknown;
};

const shipped: Naming = {
  name: 'albatross',
  serviceAccount: 'albatross',
  namespace: 'albatross-system',
  labels: { 'app.kubernetes.io/name': 'albatross' },
};

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

const heading = '# Generated from src/kube/api-calls.ts by `npm run generate`; do not edit.\n';

/** ClusterRole, Role and their bindings, as the text of deploy/base/rbac.yaml. */
export function renderRbac(naming: Naming = shipped): string {
  const clusterRules = apiCalls.filter(({ scope }) => scope === 'cluster').map(ruleOf);
  const ownRules = apiCalls.filter(({ scope }) => scope === 'ownNamespace').flatMap(namedRulesOf);
  const documents = [
    role(naming, 'ClusterRole', clusterRules),
    binding(naming, 'ClusterRole'),
    role(naming, 'Role', ownRules),
    binding(naming, 'Role'),
  ];
  return (
    heading +
    documents
      .map((document) => stringify(document, { lineWidth: 120, aliasDuplicateObjects: false }))
      .join('---\n')
  );
}

function ruleOf({ group, resource, verbs }: ApiCall): Rule {
  return { apiGroups: [group], resources: [resource], verbs };
}

/** Only the one Lease; a name cannot be asked of `create`, when there is no object yet. */
function namedRulesOf(call: ApiCall): readonly Rule[] {
  const { apiGroups, resources } = ruleOf(call);
  const others = call.verbs.filter((verb) => verb !== 'create');
  return [
    { apiGroups, resources, verbs: ['create'] },
    { apiGroups, resources, resourceNames: [options.leaderElectionId.fallback], verbs: others },
  ];
}

type Kind = 'ClusterRole' | 'Role';

function metadata({ name, namespace, labels }: Naming, kind: Kind): object {
  return kind === 'ClusterRole' ? { name, labels } : { name, namespace, labels };
}

function role(naming: Naming, kind: Kind, rules: readonly Rule[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: metadata(naming, kind), rules };
}

function binding(naming: Naming, kind: Kind): object {
  const { name, serviceAccount, namespace } = naming;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: metadata(naming, kind),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
  };
}
