// Kubernetes objects, narrowed at the door (kube/decode): only what the core reads, no optional metadata, no nulls.

import type { ClientSecret } from './client-secret.ts';
import type { AssumedRole } from './target.ts';

export type Meta = {
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  /** RFC 3339; present once deletion was asked for. */
  readonly deletionTimestamp?: string;
  readonly creationTimestamp: string;
};

export type PortReference =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'number'; readonly number: number };

export type ServiceBackend = {
  readonly kind: 'service';
  readonly name: string;
  readonly port: PortReference | undefined;
};
export type ResourceBackend = {
  readonly kind: 'resource';
  readonly apiGroup: string;
  readonly resourceKind: string;
  readonly name: string;
};
export type IngressBackend = ServiceBackend | ResourceBackend;

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';
export type IngressPath = {
  readonly path: string;
  readonly pathType: PathType;
  readonly backend: IngressBackend;
};
/** `host` '' means every host. `paths` is undefined when the rule has no `http`. */
export type IngressRule = { readonly host: string; readonly paths: readonly IngressPath[] | undefined };
export type IngressTls = { readonly hosts: readonly string[]; readonly secretName: string | undefined };
export type LoadBalancerStatus = { readonly hostname: string; readonly ports: readonly number[] };

export type Ingress = {
  readonly kind: 'Ingress';
  readonly meta: Meta;
  readonly className: string | undefined;
  readonly defaultBackend: IngressBackend | undefined;
  readonly rules: readonly IngressRule[];
  readonly tls: readonly IngressTls[];
  readonly status: readonly LoadBalancerStatus[];
};

export type IngressClass = {
  readonly kind: 'IngressClass';
  readonly meta: Meta;
  readonly controller: string;
  readonly isDefault: boolean;
  readonly parameters:
    | { readonly apiGroup: string; readonly kind: string; readonly name: string }
    | undefined;
};

export type KeyValue = { readonly key: string; readonly value: string };
export type LabelSelector = {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values: readonly string[];
  }[];
};

/** `elbv2.k8s.aws/v1beta1` IngressClassParams; every field as ALBC documents it. */
export type IngressClassParams = {
  readonly kind: 'IngressClassParams';
  readonly meta: Meta;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly groupName: string | undefined;
  readonly loadBalancerName: string | undefined;
  readonly scheme: string | undefined;
  readonly ipAddressType: string | undefined;
  readonly subnetIds: readonly string[] | undefined;
  readonly subnetTags: Readonly<Record<string, readonly string[]>> | undefined;
  readonly certificateArns: readonly string[] | undefined;
  readonly sslPolicy: string | undefined;
  readonly sslRedirectPort: string | undefined;
  readonly inboundCidrs: readonly string[] | undefined;
  readonly prefixListIds: readonly string[] | undefined;
  readonly targetType: string | undefined;
  readonly tags: readonly KeyValue[];
  readonly loadBalancerAttributes: readonly KeyValue[];
  readonly listeners: readonly {
    readonly protocol: string;
    readonly port: number;
    readonly attributes: readonly KeyValue[];
  }[];
  readonly capacityUnits: number | undefined;
  readonly ipamPoolId: string | undefined;
  readonly wafv2AclArn: string | undefined;
  readonly wafv2AclName: string | undefined;
};

export type ServicePort = {
  /** '' when the only port has no name. */
  readonly name: string;
  readonly port: number;
  readonly targetPort: PortReference;
  readonly nodePort: number | undefined;
  readonly protocol: string;
  readonly appProtocol: string | undefined;
};

export type Service = {
  readonly kind: 'Service';
  readonly meta: Meta;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly ports: readonly ServicePort[];
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly ipFamilies: readonly ('IPv4' | 'IPv6')[];
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  readonly headless: boolean;
};

export type Endpoint = {
  readonly addresses: readonly string[];
  /** Absent conditions mean ready, serving, not terminating (EndpointSlice API). */
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string } | undefined;
};

export type EndpointSlice = {
  readonly kind: 'EndpointSlice';
  readonly meta: Meta;
  /** Label kubernetes.io/service-name; '' when absent. */
  readonly serviceName: string;
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly ports: readonly {
    readonly name: string;
    readonly port: number | undefined;
    readonly protocol: string;
  }[];
  readonly endpoints: readonly Endpoint[];
};

export type PodCondition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
};
export type ContainerPort = { readonly name: string; readonly port: number; readonly protocol: string };

export type Pod = {
  readonly kind: 'Pod';
  readonly meta: Meta;
  readonly ips: readonly string[];
  readonly nodeName: string | undefined;
  readonly phase: string;
  readonly conditions: readonly PodCondition[];
  readonly readinessGates: readonly string[];
  readonly containerPorts: readonly ContainerPort[];
};

export type Taint = { readonly key: string; readonly value: string; readonly effect: string };

export type Node = {
  readonly kind: 'Node';
  readonly meta: Meta;
  readonly providerId: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly internalIps: readonly string[];
};

export type Namespace = { readonly kind: 'Namespace'; readonly meta: Meta };

/** Of a Secret only what sign-in needs (albc-behaviour §8.3); no other Secret and no other key is kept. */
export type Secret = {
  readonly kind: 'Secret';
  readonly meta: Meta;
  /** Undefined: it is known not to exist. */
  readonly values:
    | { readonly clientId: string | undefined; readonly clientSecret: ClientSecret | undefined }
    | undefined;
};

export type NetworkingPeer =
  | { readonly kind: 'ipBlock'; readonly cidr: string }
  | { readonly kind: 'securityGroup'; readonly id: string };
export type NetworkingRule = {
  readonly from: readonly NetworkingPeer[];
  /** Without a port: all of the protocol. */
  readonly ports: readonly { readonly protocol: 'tcp' | 'udp'; readonly port: PortReference | undefined }[];
};

/** `elbv2.k8s.aws/v1beta1` TargetGroupBinding: a target group of somebody else's, to be filled from a Service. */
export type TargetGroupBinding = {
  readonly kind: 'TargetGroupBinding';
  readonly meta: Meta;
  readonly targetGroupArn: string | undefined;
  readonly targetGroupName: string | undefined;
  readonly service: { readonly name: string; readonly port: PortReference };
  /** These three: as the target group has it where they are not given. */
  readonly targetType: string | undefined;
  readonly ipAddressType: string | undefined;
  readonly vpcId: string | undefined;
  readonly nodeSelector: LabelSelector | undefined;
  /** Undefined: nothing is opened for it. */
  readonly networking: readonly NetworkingRule[] | undefined;
  readonly multiCluster: boolean;
  readonly role: AssumedRole | undefined;
  /** 0: none was written. */
  readonly observedGeneration: number;
};

export type ClusterObject =
  | Ingress
  | IngressClass
  | IngressClassParams
  | Service
  | EndpointSlice
  | Pod
  | Node
  | Namespace
  | Secret
  | TargetGroupBinding;
export type ClusterKind = ClusterObject['kind'];
