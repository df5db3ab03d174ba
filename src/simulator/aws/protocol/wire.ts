import type { IncomingHttpHeaders } from 'node:http';
import { SimulatedError } from '../errors.ts';
import type { Operation, Protocol, Service } from '../operation.ts';
import { parseJson, renderJson } from './json.ts';
import { parseQuery } from './query.ts';
import { parseRest } from './rest-xml.ts';
import { element, escape, renderXml } from './xml.ts';

export type WireRequest = {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};
export type WireAnswer = {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
};

/** A request understood: which operation of which service, and in which protocol it came (the answer goes back in the same). */
export type WireCall = {
  readonly service: Service;
  readonly protocol: Protocol;
  readonly operation: string;
  readonly params: Record<string, unknown>;
};

/** Finds service and operation by the credential scope of the signature, else by target or API version. */
export function parseRequest(request: WireRequest, services: readonly Service[]): WireCall {
  const { headers, body } = request;
  const [target, targetOperation] = (header(headers, 'x-amz-target') ?? '').split('.');
  const form = new URLSearchParams(target === '' ? body : '');
  const version = form.get('Version');
  const scope = /Credential=[^/]*\/\d+\/[^/]*\/([^/]+)\//.exec(header(headers, 'authorization') ?? '')?.[1];
  const service =
    services.find(({ signingName }) => signingName === scope) ??
    services.find((item) =>
      target === ''
        ? version !== null && item.xmlNamespace?.includes(version) === true
        : item.target === target,
    );
  if (service === undefined)
    throw new SimulatedError(
      'UnknownService',
      `No simulated service matches the request (signed for '${scope}')`,
      404,
    );
  if (service.protocol === 'rest-xml')
    return { service, protocol: 'rest-xml', ...parseRest(request, service) };
  const protocol = target !== '' ? 'json' : service.protocol === 'ec2' ? 'ec2' : 'query';
  const operation = targetOperation ?? form.get('Action') ?? '';
  return { service, protocol, operation, params: parseParams(body, protocol, service.operations[operation]) };
}

function parseParams(
  body: string,
  protocol: Exclude<Protocol, 'rest-xml'>,
  operation: Operation | undefined,
): Record<string, unknown> {
  if (protocol === 'json') return parseJson(body, operation?.shape?.input);
  const shape = operation?.shape?.input ?? { kind: 'structure', members: [], required: [] };
  return parseQuery(body, shape, protocol);
}

const header = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The answer to a call that worked. */
export function renderAnswer(
  { service, protocol, operation }: WireCall,
  output: object,
  requestId: string,
): WireAnswer {
  const { output: shape, http } = service.operations[operation]?.shape ?? {};
  if (protocol === 'json') return json(200, renderJson(output, shape), requestId);
  const content = shape === undefined ? '' : renderXml(output, shape);
  if (protocol === 'rest-xml') {
    const root = `<${operation}Response xmlns="${service.xmlNamespace ?? ''}">${content}</${operation}Response>`;
    return xml(http?.[2] ?? 200, root, requestId);
  }
  const inner =
    protocol === 'ec2'
      ? element('requestId', requestId) + (content === '' ? element('return', 'true') : content)
      : element(`${operation}Result`, content) + element('ResponseMetadata', element('RequestId', requestId));
  return xml(
    200,
    `<${operation}Response xmlns="${service.xmlNamespace ?? ''}">${inner}</${operation}Response>`,
    requestId,
  );
}

/** The answer to a call that was refused, in the form that protocol has for errors. */
export function renderError(
  error: SimulatedError,
  call: Pick<WireCall, 'service' | 'protocol'> | undefined,
): WireAnswer {
  const { code, message, status, requestId = 'none' } = error;
  const type = status < 500 ? 'Sender' : 'Receiver';
  const fields = element('Code', escape(code)) + element('Message', escape(message));
  switch (call?.protocol) {
    case 'json': {
      const answer = json(status, JSON.stringify({ __type: code, message, Message: message }), requestId);
      const legacy = call.service.queryErrorCodes?.[code];
      return {
        ...answer,
        headers: {
          ...answer.headers,
          ...(legacy === undefined ? {} : { 'x-amzn-query-error': `${legacy};${type}` }),
        },
      };
    }
    case 'ec2':
      return xml(
        status,
        `<Response><Errors><Error>${fields}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
        requestId,
      );
    case 'query':
    case 'rest-xml':
    case undefined:
      return xml(
        status,
        `<ErrorResponse xmlns="${call?.service.xmlNamespace ?? ''}"><Error><Type>${type}</Type>${fields}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
        requestId,
      );
  }
}

const json = (status: number, body: string, requestId: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
  body,
});

const xml = (status: number, body: string, requestId: string): WireAnswer => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});
