import type {
  DescribeListenerAttributesInput,
  DescribeListenerAttributesOutput,
  ModifyListenerAttributesInput,
  ModifyListenerAttributesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { validationError } from '../errors.ts';
import type { CallContext } from '../operation.ts';
import {
  flag,
  initialAttributes,
  renderAttributes,
  setAttributes,
  text,
  type AttributeRule,
} from './attributes.ts';
import { findListener } from './lookup.ts';

const headerValue = text('', /^[a-zA-Z0-9_ :;.,\\/'?!(){}[\]@<>=\-+*#&`|~^%]{0,1024}$/);
const headerName = text('', /^[a-zA-Z0-9_-]{0,1024}$/);

const requestHeaders = [
  'x_amzn_mtls_clientcert_serial_number',
  'x_amzn_mtls_clientcert_issuer',
  'x_amzn_mtls_clientcert_subject',
  'x_amzn_mtls_clientcert_validity',
  'x_amzn_mtls_clientcert_leaf',
  'x_amzn_mtls_clientcert',
  'x_amzn_tls_version',
  'x_amzn_tls_cipher_suite',
];
const responseHeaders = [
  'strict_transport_security',
  'access_control_allow_origin',
  'access_control_allow_methods',
  'access_control_allow_headers',
  'access_control_allow_credentials',
  'access_control_expose_headers',
  'access_control_max_age',
  'content_security_policy',
  'x_content_type_options',
  'x_frame_options',
];

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html */
const shared: Readonly<Record<string, AttributeRule>> = {
  'routing.http.response.server.enabled': flag(true),
  ...Object.fromEntries(
    responseHeaders.map((name) => [`routing.http.response.${name}.header_value`, headerValue]),
  ),
};
const tlsOnly: Readonly<Record<string, AttributeRule>> = Object.fromEntries(
  requestHeaders.map((name) => [`routing.http.request.${name}.header_name`, headerName]),
);

export const newListenerAttributes = (): Map<string, string> => initialAttributes({ ...shared, ...tlsOnly });

export function describeListenerAttributes(
  input: DescribeListenerAttributesInput,
  context: CallContext,
): DescribeListenerAttributesOutput {
  const listener = findListener(context, input.ListenerArn);
  const shown = [...listener.attributes].filter(
    ([key]) => listener.protocol === 'HTTPS' || !(key in tlsOnly),
  );
  return { Attributes: renderAttributes(new Map(shown)) };
}

export function modifyListenerAttributes(
  input: ModifyListenerAttributesInput,
  context: CallContext,
): ModifyListenerAttributesOutput {
  const listener = findListener(context, input.ListenerArn);
  const changes = input.Attributes ?? [];
  if (listener.protocol === 'HTTP') {
    const wrong = changes.find(({ Key = '' }) => Key in tlsOnly);
    if (wrong !== undefined)
      throw validationError(`Attribute '${wrong.Key}' is supported only on HTTPS listeners`);
  }
  setAttributes(listener.attributes, changes, { ...shared, ...tlsOnly });
  return { Attributes: renderAttributes(listener.attributes) };
}
