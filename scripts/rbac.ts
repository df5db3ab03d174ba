// The permissions that deploy/ ships, generated from the table of calls that the controller makes.

import { stringify } from 'yaml';
import { options } from '../src/config/options.ts';
import { type ApiCall, apiCalls } from '../src/kube/api-calls.ts';

const name = 'albatross';
const namespace = 'albatross-system';
const labels = { 'app.kubernetes.io/name': name };

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

/** ClusterRole, Role and their bindings, as the text of deploy/base/rbac.yaml. */
export function renderRbac(): string {
  const clusterRules = apiCalls.filter(({ scope }) => scope === 'cluster').map(ruleOf);
  const ownRules = apiCalls.filter(({ scope }) => scope === 'ownNamespace').flatMap(namedRulesOf);
  const documents = [
    role('ClusterRole', clusterRules),
    binding('ClusterRole'),
    role('Role', ownRules),
    binding('Role'),
  ];
  const heading = '# Generated from src/kube/api-calls.ts by `npm run generate`; do not edit.\n';
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

function metadata(kind: 'ClusterRole' | 'Role'): object {
  return kind === 'ClusterRole' ? { name, labels } : { name, namespace, labels };
}

function role(kind: 'ClusterRole' | 'Role', rules: readonly Rule[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: metadata(kind), rules };
}

function binding(kind: 'ClusterRole' | 'Role'): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: metadata(kind),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
}
