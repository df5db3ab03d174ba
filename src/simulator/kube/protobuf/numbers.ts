/**
 * Field numbers of the Kubernetes API types in protobuf (the generated.proto files of k8s.io/api and k8s.io/apimachinery v0.36), for
 * the fields that our schemas know. `*` marks pointers in Go: their zero values mean something and are kept, all other
 * zero values mean "not set". `2.1` is field 1 of the message in field 2, which JSON does not show.
 */
const table: { readonly [type: string]: string } = {
  'v1.ObjectMeta':
    'name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7 creationTimestamp=8 ' +
    'deletionTimestamp=9 deletionGracePeriodSeconds=10* labels=11 annotations=12 ownerReferences=13 finalizers=14',
  'v1.OwnerReference': 'kind=1 name=3 uid=4 apiVersion=5 controller=6* blockOwnerDeletion=7*',
  'v1.LabelSelector': 'matchLabels=1 matchExpressions=2',
  'v1.LabelSelectorRequirement': 'key=1 operator=2 values=3',
  'v1.DeleteOptions': 'preconditions=2 orphanDependents=3* propagationPolicy=4 dryRun=5',
  'v1.Preconditions': 'uid=1* resourceVersion=2*',
  'v1.Namespace': 'metadata=1 spec=2 status=3',
  'v1.Service': 'metadata=1 spec=2 status=3',
  'v1.ServiceSpec':
    'ports=1 selector=2 clusterIP=3 type=4 externalIPs=5 sessionAffinity=7 loadBalancerIP=8 loadBalancerSourceRanges=9 ' +
    'externalName=10 externalTrafficPolicy=11 healthCheckNodePort=12 publishNotReadyAddresses=13 ipFamilyPolicy=17* ' +
    'clusterIPs=18 ipFamilies=19 allocateLoadBalancerNodePorts=20* loadBalancerClass=21* internalTrafficPolicy=22* ' +
    'trafficDistribution=23*',
  'v1.ServicePort': 'name=1 protocol=2 port=3 targetPort=4 nodePort=5 appProtocol=6*',
  'v1.ConfigMap': 'metadata=1 data=2 binaryData=3 immutable=4*',
  'v1.Secret': 'metadata=1 data=2 type=3 stringData=4 immutable=5*',
  'v1.ServiceAccount': 'metadata=1 automountServiceAccountToken=4*',
  'v1.Pod': 'metadata=1 spec=2',
  'v1.PodSpec':
    'containers=2 restartPolicy=3 nodeSelector=7 serviceAccountName=8 nodeName=10 hostNetwork=11 initContainers=20 readinessGates=28',
  'v1.PodReadinessGate': 'conditionType=1',
  'v1.Container': 'name=1 image=2 command=3 args=4 ports=6 env=7',
  'v1.ContainerPort': 'name=1 hostPort=2 containerPort=3 protocol=4 hostIP=5',
  'v1.EnvVar': 'name=1 value=2',
  'v1.PodTemplateSpec': 'metadata=1 spec=2',
  'v1.Deployment': 'metadata=1 spec=2',
  'v1.DeploymentSpec': 'replicas=1* selector=2 template=3 minReadySeconds=5',
  'v1.Event':
    'metadata=1 involvedObject=2 reason=3 message=4 source=5 firstTimestamp=6 lastTimestamp=7 count=8 type=9 eventTime=10 ' +
    'series=11 action=12 related=13 reportingComponent=14 reportingInstance=15',
  'events.v1.Event':
    'metadata=1 eventTime=2 series=3 reportingController=4 reportingInstance=5 action=6 reason=7 regarding=8 related=9 ' +
    'note=10 type=11 deprecatedSource=12 deprecatedFirstTimestamp=13 deprecatedLastTimestamp=14 deprecatedCount=15',
  'v1.EventSource': 'component=1 host=2',
  'v1.EventSeries': 'count=1 lastObservedTime=2',
  'v1.ObjectReference': 'kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7',
  'v1.Ingress': 'metadata=1 spec=2 status=3',
  'v1.IngressSpec': 'defaultBackend=1 tls=2 rules=3 ingressClassName=4*',
  'v1.IngressRule': 'host=1 http=2.1',
  'v1.HTTPIngressRuleValue': 'paths=1',
  'v1.HTTPIngressPath': 'path=1 backend=2 pathType=3*',
  'v1.IngressBackend': 'resource=3 service=4',
  'v1.TypedLocalObjectReference': 'apiGroup=1* kind=2 name=3',
  'v1.IngressServiceBackend': 'name=1 port=2',
  'v1.ServiceBackendPort': 'name=1 number=2',
  'v1.IngressTLS': 'hosts=1 secretName=2',
  'v1.IngressStatus': 'loadBalancer=1',
  'v1.IngressLoadBalancerStatus': 'ingress=1',
  'v1.IngressLoadBalancerIngress': 'ip=1 hostname=2 ports=4',
  'v1.IngressPortStatus': 'port=1 protocol=2 error=3*',
  'v1.IngressClass': 'metadata=1 spec=2',
  'v1.IngressClassSpec': 'controller=1 parameters=2',
  'v1.IngressClassParametersReference': 'apiGroup=1* kind=2 name=3 scope=4* namespace=5*',
  'v1.EndpointSlice': 'metadata=1 endpoints=2 ports=3 addressType=4',
  'v1.Endpoint': 'addresses=1 conditions=2 hostname=3* targetRef=4 deprecatedTopology=5 nodeName=6* zone=7*',
  'v1.EndpointConditions': 'ready=1* serving=2* terminating=3*',
  'v1.EndpointPort': 'name=1* protocol=2* port=3* appProtocol=4*',
  'v1.Lease': 'metadata=1 spec=2',
  'v1.LeaseSpec':
    'holderIdentity=1* leaseDurationSeconds=2* acquireTime=3 renewTime=4 leaseTransitions=5* strategy=6* preferredHolder=7*',
};

export type NumberedField = {
  readonly name: string;
  /** The number inside the hidden message, for embedded structs. */
  readonly inner: number | undefined;
  readonly keepsZero: boolean;
};

/** The fields of a Go type by their numbers; none for types that are not in the table. */
export function fieldsByNumber(type: string): ReadonlyMap<number, NumberedField> {
  return byType.get(type) ?? new Map();
}

const byType: ReadonlyMap<string, ReadonlyMap<number, NumberedField>> = new Map(
  Object.entries(table).map(([type, line]) => [type, new Map(line.split(' ').map(parseField))]),
);

function parseField(text: string): readonly [number, NumberedField] {
  const [name = '', place = ''] = text.split('=');
  const [outer, inner] = place.replace('*', '').split('.').map(Number);
  return [outer ?? 0, { name, inner, keepsZero: place.endsWith('*') }];
}
