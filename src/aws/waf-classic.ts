// WAF Classic for regions. Its SDK package is discontinued, so its three operations are described here in the SDK's own
// terms and sent by the client of WAFv2, which speaks the same protocol (docs/adr/0013-waf-classic-through-the-client-of-wafv2.md).

import {
  $Command,
  WAFV2Client,
  type WAFV2ClientConfig,
  type WAFV2ClientResolvedConfig,
} from '@aws-sdk/client-wafv2';

const namespace = 'com.amazonaws.wafregional';
const target = 'AWSWAF_Regional_20161128';

/** Schema of a structure of strings (`@smithy/types`, StaticSchema: kind 3, then name, traits, members and their types). */
const structure = (name: string, members: readonly string[]): unknown => [
  3,
  namespace,
  name,
  0,
  members,
  members.map(() => 0),
];

/** Class of the commands of one operation, described by what goes in and what comes out (kind 9). */
function commandOf<Input extends object, Output extends object>(
  operation: string,
  { input, output }: { readonly input: readonly string[]; readonly output: readonly [string, unknown][] },
) {
  const answer = [
    3,
    namespace,
    `${operation}Response`,
    0,
    output.map(([name]) => name),
    output.map(([, type]) => type),
  ];
  const schema = [
    9,
    namespace,
    operation,
    0,
    () => structure(`${operation}Request`, input),
    () => answer,
  ] as never;
  return $Command
    .classBuilder<Input, Output & Answered, WAFV2ClientResolvedConfig, object, Answered>()
    .m(() => [{ applyToStack: (stack) => stack.addRelativeTo(<Next>(next: Next) => next, endpointPlace) }])
    .s(target, operation)
    .n('WAFRegionalClient', `${operation}Command`)
    .sc(schema)
    .build();
}

/** What every answer of the SDK carries. */
type Answered = { readonly $metadata: object };

/** Where the SDK's commands look for an endpoint; this client is given its own, and the step for signing looks for the place. */
const endpointPlace = {
  name: 'endpointV2Middleware',
  relation: 'before',
  toMiddleware: 'serializerMiddleware',
  override: true,
} as const;

/** Sends one of these commands. */
export type ClassicCommand<Input extends object, Output extends object> = $Command<
  Input,
  Output & Answered,
  WAFV2ClientResolvedConfig,
  object,
  Answered
>;

type Resource = { readonly ResourceArn: string };

export const AssociateWebACLCommand = commandOf<Resource & { readonly WebACLId: string }, object>(
  'AssociateWebACL',
  { input: ['WebACLId', 'ResourceArn'], output: [] },
);
export const DisassociateWebACLCommand = commandOf<Resource, object>('DisassociateWebACL', {
  input: ['ResourceArn'],
  output: [],
});
export const GetWebACLForResourceCommand = commandOf<
  Resource,
  { readonly WebACLSummary?: { readonly WebACLId?: string } }
>('GetWebACLForResource', {
  input: ['ResourceArn'],
  output: [['WebACLSummary', () => structure('WebACLSummary', ['WebACLId', 'Name'])]],
});

/** A client of WAF Classic; `config` as for WAFv2, `endpoint` where it is not AWS's own. */
export function classicClient(config: WAFV2ClientConfig & { readonly region: string }): WAFV2Client {
  const { region } = config;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  // The signing name is known to the signer, though not to the types of this client.
  const signing = { signingName: 'waf-regional' };
  return new WAFV2Client({
    endpoint: `https://waf-regional.${region}.${suffix}`,
    ...config,
    protocolSettings: {
      defaultNamespace: namespace,
      version: '2016-11-28',
      serviceTarget: target,
    },
    ...signing,
  });
}
